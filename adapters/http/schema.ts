import type * as t from 'io-ts'
import { schemaOf, type SchemaPart } from '../../domain/codec.ts'
import { componentName } from '../api/component.ts'

/** The members by which an io-ts codec describes its shape. */
type Shaped = t.Mixed & {
  readonly _tag?: string
  readonly props?: t.Props
  readonly keys?: Readonly<Record<string, unknown>>
  readonly value?: unknown
  readonly type?: t.Mixed
  readonly types?: readonly t.Mixed[]
  readonly codomain?: t.Mixed
}

/** The components that schemas refer to, by their names. */
export type Components = Map<string, t.Mixed>

interface ObjectShape {
  readonly properties: t.Props
  readonly required: readonly string[]
}

/** The members of a codec for objects. An intersection becomes one object, since `additionalProperties` sees only its own. */
const objectOf = (codec: Shaped): ObjectShape | null => {
  switch (codec._tag) {
    case 'InterfaceType':
    case 'StrictType':
      return { properties: codec.props ?? {}, required: Object.keys(codec.props ?? {}) }
    case 'PartialType':
      return { properties: codec.props ?? {}, required: [] }
    case 'ExactType':
    case 'ReadonlyType':
      return codec.type === undefined ? null : objectOf(codec.type)
    case 'IntersectionType': {
      const parts = (codec.types ?? []).map(objectOf)
      return parts.reduce((all, part) =>
        all === null || part === null
          ? null
          : {
              properties: { ...all.properties, ...part.properties },
              required: [...all.required, ...part.required],
            },
      )
    }
    default:
      return null
  }
}

/**
 * A codec as JSON Schema (2020-12), without additional properties, as decoding refuses them.
 * With `components`, a codec that is a component is referred to and added to them; `inside` writes out that codec itself.
 * @throws Error for a codec without a known schema: an empty schema would allow anything; and for two components of one
 * name.
 */
export const toSchema = (codec: t.Mixed, components?: Components, inside = false): SchemaPart => {
  const name = componentName(codec)
  if (name !== undefined && components !== undefined && !inside) {
    if ((components.get(name) ?? codec) !== codec) throw new Error(`two components are named ${name}`)
    components.set(name, codec)
    return { $ref: `#/components/schemas/${name}` }
  }
  const own = schemaOf(codec)
  if (own !== undefined) return own
  const shaped: Shaped = codec
  const part = (each: t.Mixed | undefined): SchemaPart => {
    if (each === undefined) throw new Error(`the codec ${codec.name} hides its parts`)
    return toSchema(each, components)
  }
  const object = objectOf(shaped)
  if (object !== null) {
    return {
      type: 'object',
      properties: Object.fromEntries(Object.entries(object.properties).map(([key, each]) => [key, part(each)])),
      ...(object.required.length === 0 ? {} : { required: object.required }),
      additionalProperties: false,
    }
  }
  switch (shaped._tag) {
    case 'StringType':
      return { type: 'string' }
    case 'NumberType':
      return { type: 'number' }
    case 'BooleanType':
      return { type: 'boolean' }
    case 'NullType':
      return { type: 'null' }
    case 'LiteralType':
      return { const: shaped.value }
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(shaped.keys ?? {}) }
    case 'AnyDictionaryType':
      return { type: 'object' }
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { type: 'array', items: part(shaped.type) }
    case 'UnionType':
      return { anyOf: (shaped.types ?? []).map(part) }
    default:
      throw new Error(`the codec ${codec.name} has no JSON Schema: give it one with documented()`)
  }
}
