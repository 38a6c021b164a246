import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { derivedUuid, fingerprintOf, isTicketId, readerStream, ticketIdCandidate } from '../../domain/ids.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const ids = suite('ids')

ids('a ticket id follows from scope, key and n, and from nothing else', () => {
  const id = ticketIdCandidate(sha256, 'u1', 'k', 0)
  assert.ok(isTicketId(id), id)
  assert.is(ticketIdCandidate(sha256, 'u1', 'k', 0), id)
  assert.is.not(ticketIdCandidate(sha256, 'u1', 'k', 1), id)
  assert.is.not(ticketIdCandidate(sha256, 'u2', 'k', 0), id)
})

ids('parts do not run together', () => {
  assert.is.not(derivedUuid(sha256, 'a', 'bc'), derivedUuid(sha256, 'ab', 'c'))
  assert.match(derivedUuid(sha256, 'a'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

ids('a fingerprint does not depend on the order of members, and does on the order of items', () => {
  assert.is(fingerprintOf(sha256, { a: 1, b: { c: 2, d: 3 } }), fingerprintOf(sha256, { b: { d: 3, c: 2 }, a: 1 }))
  assert.is.not(fingerprintOf(sha256, { a: [1, 2] }), fingerprintOf(sha256, { a: [2, 1] }))
})

ids('two people never share a stream', () => {
  assert.is.not(readerStream('a/b'), readerStream('a%2Fb'))
})

ids.run()
