import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../actor.ts'
import { decode, email, label } from '../codec.ts'
import type { FieldError } from '../refusal.ts'
import { decodeRequest, isCommandType, ticketCommands, type Request } from '../ticket/commands/registry.ts'

/** One recorded command (contract, section 9). `at` is when it happened, `ticket` any key of the source system. */
export interface ImportLine {
  readonly key: string
  readonly at: string
  readonly ticket: string
  readonly actor: Actor
  readonly request: Request
}

const Line = t.strict({
  key: label,
  at: label,
  ticket: label,
  actor: t.intersection([
    t.strict({ id: label, name: label, email, role: t.keyof({ customer: null, support: null }) }),
    t.partial({ account: label }),
  ]),
  command: t.UnknownRecord,
})

const wrong = (path: string, message: string): Either<readonly FieldError[], never> => left([{ path, message }])

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/**
 * ISO 8601 in UTC; the result has milliseconds, since times compare as text. A time before 1970 is how other systems write
 * that they have none, and would make reports by day begin there.
 */
const timeOf = (at: string): Either<readonly FieldError[], string> => {
  const ms = utc.test(at) ? Date.parse(at) : Number.NaN
  if (Number.isNaN(ms)) return wrong('at', 'must be a time such as 2012-10-09T14:50:17.000Z')
  return ms < 0 ? wrong('at', 'must not be before 1970') : right(new Date(ms).toISOString())
}

const actorOf = ({
  id,
  name,
  email: mail,
  role,
  account,
}: t.TypeOf<typeof Line>['actor']): Either<readonly FieldError[], Actor> => {
  if (role === 'support') {
    return account === undefined
      ? right({ id, name, email: mail, role })
      : wrong('actor.account', 'support belongs to no account')
  }
  return account === undefined
    ? wrong('actor.account', 'is missing: a customer belongs to an account')
    : right({ id, name, email: mail, role, account })
}

/** Decodes one parsed line; errors name their fields. */
export const decodeLine = (value: unknown): Either<readonly FieldError[], ImportLine> => {
  const line = decode(Line)(value)
  if (line._tag === 'Left') return line
  const { key, ticket, command } = line.right
  const at = timeOf(line.right.at)
  if (at._tag === 'Left') return at
  const actor = actorOf(line.right.actor)
  if (actor._tag === 'Left') return actor
  const { type, ...body } = command
  if (!isCommandType(type)) {
    return wrong('command.type', `must be one of ${Object.keys(ticketCommands).join(', ')}`)
  }
  const request = decodeRequest(type, body)
  return request._tag === 'Left'
    ? left(request.left.map(({ path, message }) => ({ path: `command.${path}`, message })))
    : right({ key, at: at.right, ticket, actor: actor.right, request: request.right })
}
