import type { IncomingMessage } from 'node:http'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type * as t from 'io-ts'
import type { Principal, Role } from '../../domain/actor.ts'
import { ReadModelNotReady, type Queries } from '../../projections/projection.ts'
import { readJsonBody } from './body.ts'
import type { EarlyPorts, ReadModelPort, RoutePorts } from './ports.ts'
import type { Refused, Slug } from './problems.ts'
import type { AnyReply, Handled, JsonReply } from './replies.ts'
import { noQuery, readQuery, type QueryCodec } from './request-parameters.ts'
import type { ReadableModels, ReaderAnswer } from './readers.ts'

/**
 * Who may call: anyone, or the listed roles. The check of the role knows nothing of tickets: another account's ticket is
 * a 404 (`dispatch.ts`).
 */
type Access = 'anyone' | readonly Role[]

/** What a handler knows of its request; `caller` is null only where the access is not by role. */
export interface RequestContext<Caller = Principal> {
  readonly caller: Caller
  readonly request: IncomingMessage
  /** The parts of the path in braces, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly param: (name: string) => string
  /** The part of the URL after the `?`, encoded. */
  readonly search: string
  /** The media type that the client prefers, of those that the route offers. */
  readonly mediaType: string
  readonly correlationId: string
  /** Whether the same token would still be accepted, for the same person with the same rights. */
  readonly isStillSignedIn: () => Promise<boolean>
}

/** The tags of the OpenAPI document, with their descriptions. */
export const tags = {
  commands: 'Change tickets, reading marks, notifications and preferences, and upload files',
  queries: 'Read tickets, notifications and people',
  reports: 'Read figures over all accounts',
  sessions: 'Sign browsers in and out',
  pages: 'The web client',
  operations: 'Watch the server',
  documentation: 'This document and a page to try it',
} as const satisfies Readonly<Record<string, string>>

export type Tag = keyof typeof tags
export type ResponseHeader = 'ETag' | 'Ledger-Position' | 'Location' | 'Content-Disposition' | 'Accept-Ranges'

/** A media type that a route offers, with the codec of its JSON; null for what is not JSON. */
export interface Representation {
  readonly mediaType: string
  readonly codec: t.Mixed | null
}

/** A reply that is neither the route's success nor a problem. */
interface OtherReply {
  readonly status: number
  readonly description: string
  readonly codec: t.Mixed
}

/**
 * One operation: the server registers it, the OpenAPI document describes it, the tests call it. `P`: what its handler
 * needs; one that needs no more than `EarlyPorts` answers while the server starts.
 */
export interface Route<P = RoutePorts> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** As OpenAPI writes it: `/v1/tickets/{id}`. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly tag: Tag
  readonly access: Access
  /** The path names a ticket, whose existence the caller may not be allowed to learn. */
  readonly aboutTicket: boolean
  /** A JSON body, `files` for a multipart form of files. */
  readonly body: { readonly codec: t.Mixed; readonly mayBeEmpty: boolean } | 'files' | null
  readonly query: t.Props
  readonly status: 200 | 201 | 303
  /** The first is the default. */
  readonly representations: readonly Representation[]
  /** Headers of a success beyond those of every response. */
  readonly responseHeaders: readonly ResponseHeader[]
  /** Problems beyond those that follow from access, body and path. */
  readonly problems: readonly Slug[]
  /** Its answer comes from the log: while read models catch up it does not wait for them. */
  readonly fromLog: boolean
  /** The command is recognised when it is repeated with its `Idempotency-Key`. */
  readonly hasIdempotencyKey: boolean
  readonly otherReplies: readonly OtherReply[]
  /** Not in the OpenAPI document: parts of a page. */
  readonly unlisted: boolean
  /** The set that a query's `Ledger-Position` is waited for in. */
  readonly models: 'readModels' | 'reports'
  /** A query that may run in a reader thread; null for what needs more than read models. */
  readonly answer: ReaderAnswer | null
  readonly handle: (ports: P, context: RequestContext<Principal | null>) => Handled
}

/** What every kind of route states itself. */
interface Described {
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly problems?: readonly Slug[]
}

export const routeDefaults = {
  aboutTicket: false,
  fromLog: false,
  body: null,
  query: {},
  status: 200,
  responseHeaders: [],
  problems: [],
  hasIdempotencyKey: false,
  otherReplies: [],
  unlisted: false,
  models: 'readModels',
  answer: null,
} as const

/** A query by a role, which waits for the position of the request's `Ledger-Position`. */
export const isQuery = ({ method, access }: Route): boolean => method === 'get' && Array.isArray(access)

export const json = 'application/json'

export const jsonReply = <A>(value: A, headers: Readonly<Record<string, string>> = {}): JsonReply<A> => ({
  json: value,
  headers,
})

/** The codec of a route's response in JSON. */
type ResponseCodec<A> = t.Type<A, unknown, unknown>

const isAboutTicket = (path: string): boolean => path.startsWith('/v1/tickets/{id}')

/** The context with its caller. @throws Error without one: routes for roles are only called with one. */
export const signedIn = <C extends { readonly caller: Principal | null }>(
  context: C,
): C & { readonly caller: Principal } => {
  const { caller } = context
  if (caller === null) throw new Error('a route for roles was called without a caller')
  return { ...context, caller }
}

/** A record that was made from these keys, which `Object.fromEntries` forgets. */
const hasKeys =
  <R extends object>(keys: readonly (keyof R)[]) =>
  (record: object): record is R =>
    keys.every((key) => Object.hasOwn(record, key))

/**
 * The queries of these read models by their names, or NotReady: before the set has caught up with the log, and while one
 * of them is being rebuilt. The one place where read models that cannot answer become a refusal of a route.
 */
export const requireQueries = <M, K extends keyof M & string>(
  // Both are named because the compiler infers `M` from a name alone.
  models: ReadableModels<M> | ReadModelPort<M>,
  ...names: readonly K[]
): E.Either<Refused, Pick<Queries<M>, K>> => {
  if (!models.ready()) return E.left(notReadyYet('the read models are catching up with the log', models.progress()))
  return pipe(
    names,
    E.traverseArray((name) =>
      pipe(
        models.query(name),
        E.map((queries) => [name, queries] as const),
      ),
    ),
    E.map((found): object => Object.fromEntries(found)),
    E.filterOrElse(hasKeys<Pick<Queries<M>, K>>(names), (): Refused => ({ tag: 'Internal' })),
  )
}

/** The refusal of what needs more of the log than is read yet. */
export const notReadyYet = (reason: string, progress: number | null): Refused => {
  const done = progress === null ? '' : `, ${Math.floor(progress * 100)} % done`
  return { tag: 'NotReady', reason: `${reason}${done}` }
}

/**
 * What read models say at this moment; null where they cannot, such as behind a command that is stored: its answer must
 * not be that nothing was.
 */
export const askQueries = <M, K extends keyof M & string, A>(
  models: ReadModelPort<M>,
  names: readonly K[],
  ask: (queries: Pick<Queries<M>, K>) => A,
): A | null => {
  try {
    return E.getOrElseW(() => null)(pipe(requireQueries(models, ...names), E.map(ask)))
  } catch (error) {
    if (error instanceof ReadModelNotReady) return null
    throw error
  }
}

const withoutQuery = ({ search }: { readonly search: string }): TE.TaskEither<Refused, unknown> =>
  TE.fromEither(readQuery(noQuery, search))

/** A command: decodes its JSON body, then handles it. */
export const command = <B, A>(
  spec: Described & {
    readonly may: readonly Role[]
    readonly method?: 'post' | 'put'
    readonly body: t.Type<B, unknown, unknown>
    readonly mayBeEmpty?: boolean
    readonly status?: 200 | 201
    readonly hasIdempotencyKey?: boolean
    readonly response: ResponseCodec<A>
    readonly responseHeaders: readonly ResponseHeader[]
    readonly handle: (ports: RoutePorts, context: RequestContext, body: B) => Handled<JsonReply<NoInfer<A>>>
  },
): Route => {
  const body = { codec: spec.body, mayBeEmpty: spec.mayBeEmpty ?? false }
  return {
    method: 'post',
    ...routeDefaults,
    ...spec,
    tag: 'commands',
    access: spec.may,
    aboutTicket: isAboutTicket(spec.path),
    body,
    representations: [{ mediaType: json, codec: spec.response }],
    handle: (ports, context) =>
      pipe(
        withoutQuery(context),
        TE.flatMap(() => readJsonBody(context.request, body)),
        TE.flatMap((decoded) => spec.handle(ports, signedIn(context), decoded)),
      ),
  }
}

/** Files sent as a multipart form. */
export const upload = <A>(
  spec: Described & {
    readonly may: readonly Role[]
    readonly response: ResponseCodec<A>
    readonly handle: (ports: RoutePorts, context: RequestContext) => Handled<JsonReply<NoInfer<A>>>
  },
): Route => ({
  ...routeDefaults,
  ...spec,
  method: 'post',
  tag: 'commands',
  access: spec.may,
  body: 'files',
  status: 201,
  representations: [{ mediaType: json, codec: spec.response }],
  handle: (ports, context) =>
    pipe(
      withoutQuery(context),
      TE.flatMap(() => spec.handle(ports, signedIn(context))),
    ),
})

interface QuerySpec<Q extends t.Props, R extends AnyReply> extends Described {
  readonly may: readonly Role[]
  readonly tag?: Tag
  readonly fromLog?: boolean
  readonly query: QueryCodec<Q>
  readonly responseHeaders?: readonly ResponseHeader[]
  readonly handle: (ports: RoutePorts, context: RequestContext, query: t.TypeOf<QueryCodec<Q>>) => Handled<R>
}

/** A query by a role, which has other answers than JSON too: decodes its parameters, then handles it. */
export const rawQuery = <Q extends t.Props>(
  spec: QuerySpec<Q, AnyReply> & { readonly representations: readonly Representation[] },
): Route => ({
  tag: 'queries',
  ...routeDefaults,
  ...spec,
  method: 'get',
  access: spec.may,
  aboutTicket: isAboutTicket(spec.path),
  query: spec.query.props,
  handle: (ports, context) =>
    pipe(
      TE.fromEither(readQuery(spec.query, context.search)),
      TE.flatMap((parameters) => spec.handle(ports, signedIn(context), parameters)),
    ),
})

/** A query by a role, which is answered in JSON. */
export const query = <Q extends t.Props, A>({
  response,
  ...spec
}: QuerySpec<Q, JsonReply<NoInfer<A>>> & { readonly response: ResponseCodec<A> }): Route =>
  rawQuery({ ...spec, representations: [{ mediaType: json, codec: response }] })

/** A page or a probe that needs no token. It answers while the server starts, too. */
export const page = (
  spec: Described & {
    readonly tag: Tag
    readonly representations: readonly Representation[]
    readonly otherReplies?: readonly OtherReply[]
    readonly unlisted?: boolean
    readonly handle: (ports: EarlyPorts, context: RequestContext<Principal | null>) => Handled
  },
): Route<EarlyPorts> => ({
  ...routeDefaults,
  ...spec,
  method: 'get',
  access: 'anyone',
  handle: (ports, context) =>
    pipe(
      withoutQuery(context),
      TE.flatMap(() => spec.handle(ports, context)),
    ),
})
