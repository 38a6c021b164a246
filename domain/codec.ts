import { either, isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { lengthOf, trimmed } from './text.ts'

/** `path` is the field's name with dots, such as `requester.email`; empty for the whole body. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** Part of a JSON Schema (2020-12) for the OpenAPI document. */
export type SchemaPart = Readonly<Record<string, unknown>>

const schemas = new WeakMap<object, SchemaPart>()

/** Gives a codec that io-ts does not know its schema in the OpenAPI document. */
export const documented = <C extends t.Mixed>(schema: SchemaPart, codec: C): C => {
  schemas.set(codec, schema)
  return codec
}

export const schemaOf = (codec: t.Mixed): SchemaPart | undefined => schemas.get(codec)

/**
 * A text that `check` accepts: it gives the text as it is decoded, or why it is refused. `name` stands in error messages.
 */
const textCodec = (
  name: string,
  schema: SchemaPart,
  check: (text: string) => Either<string, string>,
): t.Type<string, string, unknown> =>
  documented(
    { type: 'string', ...schema },
    new t.Type(
      name,
      t.string.is,
      (input, context) => {
        if (typeof input !== 'string') return t.failure(input, context)
        const checked = check(input)
        return isLeft(checked) ? t.failure(input, context, checked.left) : t.success(checked.right)
      },
      t.identity,
    ),
  )

const trimmedTo =
  (max: number) =>
  (typed: string): Either<string, string> => {
    const value = trimmed(typed)
    if (value === '') return left('must not be blank')
    return lengthOf(value) > max ? left(`must have at most ${max} characters`) : right(value)
  }

/** A text of 1 to `max` characters after trimming; decoding trims it. */
export const text = (max: number): t.Type<string, string, unknown> =>
  textCodec(`text of at most ${max} characters`, { minLength: 1, maxLength: max }, trimmedTo(max))

const toShortText = trimmedTo(200)

/** An id or a name that another system chose: 1 to 200 characters without control characters. */
export const externalText = textCodec('label', { minLength: 1, maxLength: 200 }, (typed) =>
  either.chain(toShortText(typed), (value) =>
    /\p{Cc}/u.test(value) ? left('must not hold control characters') : right(value),
  ),
)

/** One mail address, stricter than RFC 5322: nothing that a mail header could read as more than one recipient. */
export const email = textCodec('email', { format: 'email', maxLength: 254 }, (value) =>
  value.length <= 254 && /^[^\s@,;:<>()[\]\\"\p{Cc}]{1,64}@[^\s@,;:<>()[\]\\"\p{Cc}]+$/u.test(value)
    ? right(value)
    : left('must be one mail address'),
)

type Tagged = t.Mixed & {
  readonly _tag?: string
  readonly props?: t.Props
  readonly type?: t.Mixed
  readonly types?: readonly t.Mixed[]
}

const propsOf = (codec: Tagged): t.Props | undefined => {
  switch (codec._tag) {
    case 'InterfaceType':
    case 'PartialType':
    case 'StrictType':
      return codec.props
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
      return codec.type === undefined ? undefined : propsOf(codec.type)
    case 'IntersectionType': {
      const all: t.Props = {}
      for (const part of codec.types ?? []) {
        const props = propsOf(part)
        if (props === undefined) return undefined
        Object.assign(all, props)
      }
      return all
    }
    default:
      return undefined
  }
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const dotted = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`)

/** io-ts drops unknown fields without an error; a caller who misspelt a field gets one. */
const unknownFields = (codec: Tagged, value: unknown, path: string): FieldError[] => {
  if ((codec._tag === 'ArrayType' || codec._tag === 'ReadonlyArrayType') && Array.isArray(value)) {
    const item = codec.type
    return item === undefined ? [] : value.flatMap((each, index) => unknownFields(item, each, dotted(path, index)))
  }
  if (codec._tag === 'UnionType') {
    const member = codec.types?.find((each) => each.is(value))
    return member === undefined ? [] : unknownFields(member, value, path)
  }
  const props = propsOf(codec)
  if (props === undefined || !isObject(value)) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const prop = Object.hasOwn(props, key) ? props[key] : undefined
    return prop === undefined
      ? [{ path: dotted(path, key), message: 'is not a field here' }]
      : unknownFields(prop, each, dotted(path, key))
  })
}

const tagOf = (codec: unknown): unknown => (isObject(codec) ? codec['_tag'] : undefined)

/** io-ts counts the members of intersections and unions as steps of the path; they are left out. */
const pathOf = (error: t.ValidationError): string =>
  error.context
    .filter((_, index) => {
      const parent = tagOf(error.context[index - 1]?.type)
      return index > 0 && parent !== 'IntersectionType' && parent !== 'UnionType'
    })
    .reduce((path, { key }) => dotted(path, key), '')

/** The texts that a `keyof` codec accepts; null for other codecs. */
const choicesOf = (codec: unknown): string | null => {
  const keys = isObject(codec) && codec['_tag'] === 'KeyofType' ? codec['keys'] : null
  return isObject(keys) ? Object.keys(keys).join(', ') : null
}

const messageOf = (error: t.ValidationError): string => {
  if (error.message !== undefined) return error.message
  if (error.value === undefined) return 'is missing'
  const expected = error.context.at(-1)?.type
  const choices = choicesOf(expected)
  if (choices !== null) return `must be one of ${choices}`
  return expected === undefined ? 'is not valid' : `must be ${expected.name}`
}

/** Decodes input from outside. Left: each wrong, missing or unknown field by its path, once. */
export const decode =
  <A>(codec: t.Type<A, unknown, unknown>) =>
  (value: unknown): Either<readonly FieldError[], A> => {
    const decoded = codec.decode(value)
    const wrong =
      decoded._tag === 'Right' ? [] : decoded.left.map((error) => ({ path: pathOf(error), message: messageOf(error) }))
    // A map keeps this linear: a hostile body has a hundred thousand errors.
    const once = new Map<string, FieldError>()
    for (const error of wrong) if (!once.has(error.path)) once.set(error.path, error)
    for (const error of unknownFields(codec, value, '')) if (!once.has(error.path)) once.set(error.path, error)
    return decoded._tag === 'Right' && once.size === 0 ? right(decoded.right) : left([...once.values()])
  }
