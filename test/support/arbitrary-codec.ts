import fc from 'fast-check'
import type * as t from 'io-ts'
import { anyCount, anyText } from './arbitrary.ts'
import { shapeOf, type Shape } from './codec-shape.ts'

const anyOf = (shape: Shape): fc.Arbitrary<unknown> => {
  if (shape === 'string') return anyText
  if (shape === 'number') return anyCount
  if (shape === 'boolean') return fc.boolean()
  if ('literal' in shape) return fc.constant(shape.literal)
  if ('oneOf' in shape) return fc.constantFrom(...shape.oneOf)
  if ('listOf' in shape) return fc.array(anyOf(shape.listOf), { maxLength: 3 })
  const fields = Object.entries(shape.fields).map(([name, { shape: field }]) => [name, anyOf(field)])
  const required = Object.entries(shape.fields).filter(([, { optional }]) => !optional)
  return fc.record<Record<string, unknown>>(Object.fromEntries(fields), {
    requiredKeys: required.map(([name]) => name),
    noNullPrototype: true,
  })
}

/** Any value that a codec accepts, with any texts and counts. */
export const arbitraryOf = <C extends t.Mixed>(codec: C): fc.Arbitrary<t.TypeOf<C>> =>
  anyOf(shapeOf(codec)).map((value) => {
    if (!codec.is(value)) throw new Error(`${codec.name} does not accept what was made for it`)
    return value
  })
