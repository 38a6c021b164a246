import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../adapters/crypto.ts'
import { commandIdOf, derivedUuid, fingerprintOf, TicketId, ticketIdCandidate, userStream } from '../../domain/ids.ts'
import { personId, ticketId } from '../support/ids.ts'

const ids = suite('ids')

ids('a ticket id follows from scope, key and n, and from nothing else', () => {
  const id = ticketIdCandidate(sha256, 'u1', 'k', 0)
  assert.ok(TicketId.is(id), id)
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

ids('what was derived for logs that stand is derived for ever', () => {
  assert.is(ticketIdCandidate(sha256, 'caller:ann', 'k1', 0), 'T-4WQ7TAAF')
  assert.is(commandIdOf(sha256, 'caller:ann', ticketId('T-00000000'), 'k1'), 'e1f17d53-58c6-8c02-b097-580a4040a604')
  assert.is(
    fingerprintOf(sha256, { type: 'open', subject: 'Kühl \u{1F9CA}', attachments: ['b', 'a'] }),
    '5f51e59ca0f51f0171ff3f87f5c5606c10bc2b05b25d5b3eb689dedf419d0745',
  )
})

ids('two people never share a stream', () => {
  assert.is.not(userStream(personId('a/b')), userStream(personId('a%2Fb')))
})

ids.run()
