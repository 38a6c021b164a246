import type * as t from 'io-ts'

/** The shape of an io-ts codec, by which values are generated and changes are detected. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | { readonly literal: string | number | boolean }
  | { readonly oneOf: readonly string[] }
  | { readonly listOf: Shape }
  | { readonly anyOf: readonly Shape[] }
  | { readonly fields: { readonly [name: string]: { readonly shape: Shape; readonly optional: boolean } } }

type Part = t.Mixed & {
  readonly _tag?: string
  readonly value?: string | number | boolean
  readonly keys?: object
  readonly props?: t.Props
  readonly type?: t.Mixed
  readonly types?: readonly t.Mixed[]
}

const fieldsOf = (props: t.Props, optional: boolean): Shape => ({
  fields: Object.fromEntries(Object.entries(props).map(([name, codec]) => [name, { shape: shapeOf(codec), optional }])),
})

const joined = (parts: readonly Shape[], name: string): Shape => ({
  fields: Object.assign(
    {},
    ...parts.map((part) => {
      if (typeof part === 'string' || !('fields' in part)) throw new Error(`${name} joins what is no object`)
      return part.fields
    }),
  ),
})

/** @throws Error for a kind of codec that no event uses yet: add its shape here first. */
export const shapeOf = (codec: Part): Shape => {
  const inner = (): Shape => {
    if (codec.type === undefined) throw new Error(`${codec.name} has nothing inside`)
    return shapeOf(codec.type)
  }
  switch (codec._tag) {
    case 'StringType':
      return 'string'
    case 'NumberType':
      return 'number'
    case 'BooleanType':
      return 'boolean'
    case 'LiteralType':
      return { literal: codec.value ?? '' }
    case 'KeyofType':
      return { oneOf: Object.keys(codec.keys ?? {}).toSorted() }
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { listOf: inner() }
    case 'ExactType':
    case 'ReadonlyType':
      return inner()
    case 'InterfaceType':
      return fieldsOf(codec.props ?? {}, false)
    case 'PartialType':
      return fieldsOf(codec.props ?? {}, true)
    case 'UnionType':
      return { anyOf: (codec.types ?? []).map(shapeOf) }
    case 'IntersectionType':
      return joined((codec.types ?? []).map(shapeOf), codec.name)
    default:
      throw new Error(`${codec.name}: a kind of codec that is not described here`)
  }
}

/** A shape as JSON for a golden file: `{"size":"number","source?":"string"}`. */
export const written = (shape: Shape): unknown => {
  if (typeof shape === 'string') return shape
  if ('literal' in shape) return `= ${JSON.stringify(shape.literal)}`
  if ('oneOf' in shape) return shape.oneOf.join(' | ')
  if ('listOf' in shape) return [written(shape.listOf)]
  if ('anyOf' in shape) return { anyOf: shape.anyOf.map(written) }
  return Object.fromEntries(
    Object.entries(shape.fields)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { shape: field, optional }]) => [optional ? `${name}?` : name, written(field)]),
  )
}
