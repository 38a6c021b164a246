import { either, left, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decode, documented } from '../../domain/codec.ts'
import type { FieldError } from '../../domain/refusal.ts'
import type { Refused } from './problems.ts'

/** What a route takes behind the `?`: all of it optional. A parameter whose codec is an array may repeat. */
export type QueryCodec<Q extends t.Props> = t.PartialC<Q>

/** A whole number written in decimal digits. */
export const wholeNumber = (least: number, most: number): t.Type<number, string, unknown> =>
  documented(
    { type: 'integer', minimum: least, maximum: most },
    new t.Type(
      `a whole number from ${least} to ${most}`,
      t.number.is,
      (input, context) =>
        either.chain(t.string.validate(input, context), (digits) =>
          /^\d{1,15}$/.test(digits) && Number(digits) >= least && Number(digits) <= most
            ? t.success(Number(digits))
            : t.failure(input, context, `must be a whole number from ${least} to ${most}`),
        ),
      String,
    ),
  )

/** A time in ISO 8601 with its zone, as the same moment in UTC with milliseconds. */
export const moment: t.Type<string, string, unknown> = documented(
  { type: 'string', format: 'date-time' },
  new t.Type(
    'an ISO 8601 time',
    t.string.is,
    (input, context) =>
      either.chain(t.string.validate(input, context), (written) => {
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
      either.chain(t.string.validate(input, context), (words) =>
        words.length > 1_000 ? t.failure(input, context, 'must have at most 1000 characters') : t.success(words.trim()),
      ),
    t.identity,
  ),
)

const unescaped = (text: string): string | null => {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '))
    return value.includes('\0') ? null : value
  } catch {
    return null
  }
}

const isList = (codec: t.Mixed | undefined): boolean => codec instanceof t.ArrayType

/** Reads what stands behind the `?`. Unknown parameters, and those given twice that may not be, are named. */
export const readQuery = <Q extends t.Props>(
  codec: QueryCodec<Q>,
  search: string,
): Either<Refused, t.TypeOf<QueryCodec<Q>>> => {
  const fields = new Map<string, string | string[]>()
  const errors: FieldError[] = []
  for (const pair of search === '' ? [] : search.split('&')) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const name = unescaped(cut < 0 ? pair : pair.slice(0, cut))
    const value = unescaped(cut < 0 ? '' : pair.slice(cut + 1))
    if (name === null || value === null) {
      errors.push({ path: name ?? '', message: 'must be UTF-8 in percent-encoding, without NUL' })
      continue
    }
    const before = fields.get(name)
    if (isList(Object.hasOwn(codec.props, name) ? codec.props[name] : undefined)) {
      fields.set(name, Array.isArray(before) ? [...before, value] : [value])
    } else if (before === undefined) fields.set(name, value)
    else errors.push({ path: name, message: 'must be given once' })
  }
  const decoded = decode<t.TypeOf<QueryCodec<Q>>>(codec)(Object.fromEntries(fields))
  if (errors.length === 0 && decoded._tag === 'Right') return decoded
  return left({ tag: 'Invalid', errors: [...errors, ...(decoded._tag === 'Left' ? decoded.left : [])] })
}

export const noQuery = t.partial({})
