import type { IncomingMessage } from 'node:http'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { decode, documented, type FieldError } from '../../domain/codec.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import { TicketId } from '../../domain/ids.ts'
import { invalid } from '../../domain/refusal.ts'
import type { Refused } from './problems.ts'

/** A request's query parameters and headers, read strictly: well-formed and not repeated, or refused by name. */

/** A route's query parameters, all of them optional. A parameter whose codec is an array may repeat. */
export type QueryCodec<Q extends t.Props> = t.PartialC<Q>

export const noQuery = t.partial({})

/** A whole number in decimal digits. */
export const wholeNumber = (least: number, most: number): t.Type<number, string, unknown> =>
  documented(
    { type: 'integer', minimum: least, maximum: most },
    new t.Type(
      `a whole number from ${least} to ${most}`,
      t.number.is,
      (input, context) =>
        E.either.chain(t.string.validate(input, context), (digits) =>
          /^\d{1,15}$/.test(digits) && Number(digits) >= least && Number(digits) <= most
            ? t.success(Number(digits))
            : t.failure(input, context, `must be a whole number from ${least} to ${most}`),
        ),
      String,
    ),
  )

/** A time in ISO 8601 with its zone; decodes to the same time in UTC with milliseconds. */
export const isoTime: t.Type<string, string, unknown> = documented(
  { type: 'string', format: 'date-time' },
  new t.Type(
    'an ISO 8601 time',
    t.string.is,
    (input, context) =>
      E.either.chain(t.string.validate(input, context), (written) => {
        const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/
        const at = form.test(written) ? Date.parse(written) : Number.NaN
        return Number.isNaN(at)
          ? t.failure(input, context, 'must be a time with its zone, such as 2024-05-01T12:00:00Z')
          : t.success(new Date(at).toISOString())
      }),
    t.identity,
  ),
)

/** Words to search for; blank is the same as none. */
export const searchText: t.Type<string, string, unknown> = documented(
  { type: 'string', maxLength: 1_000 },
  new t.Type(
    'words',
    t.string.is,
    (input, context) =>
      E.either.chain(t.string.validate(input, context), (words) =>
        words.length > 1_000 ? t.failure(input, context, 'must have at most 1000 characters') : t.success(words.trim()),
      ),
    t.identity,
  ),
)

/** Null for what is not UTF-8 in percent-encoding, and for NUL, which no text may hold. */
const unescaped = (text: string): string | null => {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '))
    return value.includes('\0') ? null : value
  } catch {
    return null
  }
}

const isList = (codec: t.Mixed | undefined): boolean => codec instanceof t.ArrayType

/** Decodes the part of a URL after the `?`. Names every unknown parameter, and every one that must not repeat and does. */
export const readQuery = <Q extends t.Props>(
  codec: QueryCodec<Q>,
  search: string,
): E.Either<Refused, t.TypeOf<QueryCodec<Q>>> => {
  const fields = new Map<string, string | string[]>()
  const malformed: FieldError[] = []
  for (const pair of search === '' ? [] : search.split('&')) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const name = unescaped(cut < 0 ? pair : pair.slice(0, cut))
    const value = unescaped(cut < 0 ? '' : pair.slice(cut + 1))
    if (name === null || value === null) {
      malformed.push({ path: name ?? '', message: 'must be UTF-8 in percent-encoding, without NUL' })
      continue
    }
    const before = fields.get(name)
    if (isList(Object.hasOwn(codec.props, name) ? codec.props[name] : undefined)) {
      fields.set(name, Array.isArray(before) ? [...before, value] : [value])
    } else if (before === undefined) fields.set(name, value)
    else malformed.push({ path: name, message: 'must be given once' })
  }
  return pipe(
    decode<t.TypeOf<QueryCodec<Q>>>(codec)(Object.fromEntries(fields)),
    E.mapLeft((errors) => [...malformed, ...errors]),
    E.filterOrElse(
      () => malformed.length === 0,
      () => malformed,
    ),
    E.mapLeft((errors) => ({ tag: 'Invalid', errors })),
  )
}

/** A request header that is given once or not at all. Its pattern stands in the OpenAPI document too. */
export interface RequestHeader<A> {
  readonly name: string
  readonly pattern: RegExp
  /** Undefined without the header. */
  readonly read: (request: IncomingMessage) => E.Either<Refused, A | undefined>
}

const header = <A>(name: string, pattern: RegExp, message: string, valueOf: (text: string) => A): RequestHeader<A> => ({
  name,
  pattern,
  read: (request) => {
    const [value, ...more] = request.headersDistinct[name.toLowerCase()] ?? []
    if (more.length > 0) return E.left(invalid(name, 'must be given once'))
    if (value === undefined) return E.right(undefined)
    return pattern.test(value) ? E.right(valueOf(value)) : E.left(invalid(name, message))
  },
})

/** The version that the ticket must have; `*` requires nothing, since a command finds only tickets that exist. */
export const ifMatch = header(
  'If-Match',
  /^(\*|"[0-9]{1,15}")$/,
  'must be one version in double quotes, such as "3"',
  (text) => (text === '*' ? undefined : Number(text.slice(1, -1))),
)

export const idempotencyKey = header(
  'Idempotency-Key',
  /^[^\p{Cc}]{1,200}$/u,
  'must have 1 to 200 characters, none of them a control character',
  (text) => text,
)

export const ledgerPosition = header(
  'Ledger-Position',
  /^[0-9]{1,20}$/,
  'must be a position that this server gave, in decimal digits',
  (text) => positionOf(BigInt(text)),
)

/** The id of the last server-sent event that the client received. */
export const lastEventId = header(
  'Last-Event-ID',
  /^[\da-f.]{1,40}$/,
  'must be the id of a message of this stream',
  (text) => text,
)

/** The ticket that the path names; NotFound for a text that is the id of none. */
export const ticketParam = ({ param }: { readonly param: (name: string) => string }): E.Either<Refused, TicketId> =>
  pipe(
    TicketId.decode(param('id')),
    E.mapLeft(() => ({ tag: 'NotFound' })),
  )
