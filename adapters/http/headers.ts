import type { IncomingMessage } from 'node:http'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { invalid } from '../../domain/refusal.ts'
import type { Refused } from './problems.ts'

/** The request headers that mean something here, each read strictly: once, well-formed, or not at all. */

const once = (request: IncomingMessage, name: string): Either<Refused, string | undefined> => {
  const values = request.headersDistinct[name.toLowerCase()] ?? []
  return values.length > 1 ? left(invalid(name, 'must be given once')) : right(values[0])
}

const matching =
  <A>(name: string, form: RegExp, message: string, read: (text: string) => A) =>
  (request: IncomingMessage): Either<Refused, A | undefined> => {
    const value = once(request, name)
    if (value._tag === 'Left' || value.right === undefined) return value._tag === 'Left' ? value : right(undefined)
    return form.test(value.right) ? right(read(value.right)) : left(invalid(name, message))
  }

/** The version that the ticket must still stand at; `*` asks for nothing, since only tickets that exist are found. */
export const ifMatch = matching(
  'If-Match',
  /^(\*|"\d{1,15}")$/,
  'must be one version in double quotes, such as "3"',
  (text) => (text === '*' ? undefined : Number(text.slice(1, -1))),
)

export const idempotencyKey = matching(
  'Idempotency-Key',
  /^[^\p{Cc}]{1,200}$/u,
  'must have 1 to 200 characters, none of them a control character',
  (text) => text,
)

export const ledgerPosition = matching(
  'Ledger-Position',
  /^\d{1,20}$/,
  'must be a position that this server gave, in decimal digits',
  (text) => text.replace(/^0+(?=\d)/, ''),
)

/** Where a reader of server-sent events stopped. */
export const lastEventId = matching(
  'Last-Event-ID',
  /^[\da-f.]{1,40}$/,
  'must be the id of a message of this stream',
  (text) => text,
)

/** An id that another system gave this request; one of another form is not ours to repeat in headers and logs. */
export const traceId = (request: IncomingMessage, name: string): string | undefined => {
  const [value, ...more] = request.headersDistinct[name.toLowerCase()] ?? []
  return value !== undefined && more.length === 0 && /^[\w.:-]{1,64}$/.test(value) ? value : undefined
}

/** The bearer token, or null where there is none; an empty text where the header holds something else. */
export const bearerToken = (request: IncomingMessage): string | null => {
  const header = request.headers.authorization
  if (header === undefined) return null
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1] ?? ''
}
