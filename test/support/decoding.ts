import type * as t from 'io-ts'
import * as assert from 'uvu/assert'
import { decode } from '../../domain/codec.ts'

/** `path: message` of each complaint, or the decoded value. */
export const answer = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): unknown => {
  const decoded = decode(codec)(value)
  return decoded._tag === 'Right'
    ? decoded.right
    : decoded.left.map(({ path, message }) => `${path}: ${message}`).toSorted()
}
/** Decodes to the value itself. */
export const accepts = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): void =>
  assert.equal(answer(codec, value), value)
/** Complains of exactly this, in any order. */
export const refuses = <A>(
  codec: t.Type<A, unknown, unknown>,
  value: unknown,
  ...complaints: readonly string[]
): void => assert.equal(answer(codec, value), complaints.toSorted())
