import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { actorOf, type Actor } from '../actor.ts'
import { decode, externalText, type FieldError } from '../codec.ts'
import { OnBehalfOf } from '../ticket/commands/define-command.ts'
import { decodeRequest, isCommandType, ticketCommands, type Request } from '../ticket/commands/registry.ts'

/** A recorded command (docs/import.md). `at` is when it happened, `ticket` any key of the source system. */
export interface ImportLine {
  readonly key: string
  readonly at: string
  readonly ticket: string
  readonly actor: Actor
  readonly request: Request
}

const Line = t.strict({
  key: externalText,
  at: externalText,
  ticket: externalText,
  actor: OnBehalfOf,
  command: t.UnknownRecord,
})

type Decoded<A> = E.Either<readonly FieldError[], A>

const wrong = (path: string, message: string): Decoded<never> => E.left([{ path, message }])

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/**
 * ISO 8601 in UTC; the result has milliseconds, since times compare as text. A time before 1970 is how other systems write
 * that they have none, and would make reports by day begin there.
 */
const timeOf = (at: string): Decoded<string> => {
  const ms = utc.test(at) ? Date.parse(at) : Number.NaN
  if (Number.isNaN(ms)) return wrong('at', 'must be a time such as 2012-10-09T14:50:17.000Z')
  return ms < 0 ? wrong('at', 'must not be before 1970') : E.right(new Date(ms).toISOString())
}

const actorIn = (actor: OnBehalfOf): Decoded<Actor> =>
  pipe(
    actorOf(actor),
    E.mapLeft((message) => [{ path: 'actor.account', message }]),
  )

const requestOf = ({ type, ...body }: Readonly<Record<string, unknown>>): Decoded<Request> =>
  isCommandType(type)
    ? pipe(
        decodeRequest(type, body),
        E.mapLeft((errors) => errors.map(({ path, message }) => ({ path: `command.${path}`, message }))),
      )
    : wrong('command.type', `must be one of ${Object.keys(ticketCommands).join(', ')}`)

/** Decodes a parsed line; errors name their fields. */
export const decodeLine = (value: unknown): Decoded<ImportLine> =>
  pipe(
    decode(Line)(value),
    E.bindTo('line'),
    E.bind('at', ({ line }) => timeOf(line.at)),
    E.bind('actor', ({ line }) => actorIn(line.actor)),
    E.bind('request', ({ line }) => requestOf(line.command)),
    E.map(({ line: { key, ticket }, at, actor, request }) => ({ key, at, ticket, actor, request })),
  )
