import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type * as t from 'io-ts'
import type { Role } from '../../domain/actor.ts'
import type { Refused, Slug } from './problems.ts'
import { readQuery, type QueryCodec } from './request-parameters.ts'
import { json, routeDefaults, signedIn, type Representation, type Route, type Tag } from './route.ts'
import type { ReaderAnswer, ReaderContext, ReaderPorts } from './readers.ts'
import type { JsonReply, Reply } from './replies.ts'

interface ReaderQuerySpec<Q extends t.Props, R> {
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly problems?: readonly Slug[]
  readonly may: readonly Role[]
  readonly tag?: Tag
  /** The set that the request's `Ledger-Position` is waited for in. */
  readonly models?: 'readModels' | 'reports'
  readonly query: QueryCodec<Q>
  readonly answer: (ports: ReaderPorts, context: ReaderContext, query: t.TypeOf<QueryCodec<Q>>) => E.Either<Refused, R>
}

/** A route whose answers may be made in a reader thread. */
export interface ReaderRoute extends Route {
  readonly answer: ReaderAnswer
}

/** A query by a role that needs nothing but read models, and has other answers than JSON too. */
export const rawReaderQuery = <Q extends t.Props>({
  answer,
  ...spec
}: ReaderQuerySpec<Q, Reply | JsonReply<unknown>> & {
  readonly representations: readonly Representation[]
}): ReaderRoute => {
  const answerFrom: ReaderAnswer = (ports, context) =>
    pipe(
      readQuery(spec.query, context.search),
      E.flatMap((parameters) => answer(ports, context, parameters)),
    )
  return {
    tag: 'queries',
    ...routeDefaults,
    ...spec,
    problems: [...(spec.problems ?? []), 'query-too-expensive'],
    method: 'get',
    access: spec.may,
    query: spec.query.props,
    answer: answerFrom,
    handle: (ports, context) => TE.fromEither(answerFrom(ports, signedIn(context))),
  }
}

/** A query by a role that needs nothing but read models, and is answered in JSON. */
export const readerQuery = <Q extends t.Props, A>({
  response,
  ...spec
}: ReaderQuerySpec<Q, JsonReply<NoInfer<A>>> & { readonly response: t.Type<A, unknown, unknown> }): ReaderRoute =>
  rawReaderQuery({ ...spec, representations: [{ mediaType: json, codec: response }] })
