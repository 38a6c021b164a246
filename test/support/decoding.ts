import type * as t from 'io-ts'
import * as assert from 'uvu/assert'
import { decode } from '../../domain/codec.ts'

/** The decoded value, or `path: message` of each error, sorted. */
export const answer = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): unknown => {
  const decoded = decode(codec)(value)
  return decoded._tag === 'Right'
    ? decoded.right
    : decoded.left.map(({ path, message }) => `${path}: ${message}`).toSorted()
}
/** Asserts that `value` decodes to itself. */
export const accepts = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): void =>
  assert.equal(answer(codec, value), value)
/** Asserts that decoding fails with exactly these errors, in any order. */
export const refuses = <A>(codec: t.Type<A, unknown, unknown>, value: unknown, ...errors: readonly string[]): void =>
  assert.equal(answer(codec, value), errors.toSorted())
