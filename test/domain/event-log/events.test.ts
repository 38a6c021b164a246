import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../adapters/crypto.ts'
import { namesOf, refOf } from '../../../domain/actor.ts'
import type { SealedEvent } from '../../../domain/event-log/event-store.ts'
import { erased } from '../../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { emptyStream, sealEvents } from '../../../domain/event-log/seal-events.ts'
import { eventTypes } from '../../../domain/event-log/event-types.ts'
import { isIntact } from '../../../domain/event-log/hash.ts'
import { holds } from '../../support/arbitrary.ts'
import { position, commandId, streamName } from '../../support/ids.ts'
import { sue } from '../../support/people.ts'
import { anyContext, anyEvent } from './arbitrary.ts'
import { readGolden } from './golden.ts'
import { independentEventHash, independentPersonalDigest } from './independent-hash.ts'
import { closed } from '../ticket/events.ts'

const events = suite('sealing and decoding events')
const anySalt = fc.stringMatching(/^[0-9a-f]{32}$/)
const anyStream = fc.string({ unit: 'binary', minLength: 1 }).map(streamName)

const anyRecording = fc
  .tuple(anyStream, anyContext, fc.array(anyEvent, { minLength: 1, maxLength: 5 }), anySalt)
  .map(([stream, context, decided, salt]) => ({
    stream,
    context,
    decided,
    sealed: sealEvents(sha256, () => salt)(stream, emptyStream, context, decided),
  }))

events('a decided event is decoded as it was: any text, any number, nothing added', () =>
  holds(
    fc.property(anyRecording, ({ stream, context, decided, sealed }) => {
      assert.is(sealed.length, decided.length)
      for (const [index, event] of decided.entries()) {
        const stored = sealed[index]
        if (stored === undefined) return assert.unreachable()
        const { type, data, personal } = event
        assert.equal(decodeEvent({ ...stored, position: position('7') }), {
          id: stored.id,
          stream,
          version: index + 1,
          position: '7',
          type,
          schema: eventTypes[type].schema,
          occurredAt: context.occurredAt,
          recordedAt: context.recordedAt,
          actor: refOf(context.actor),
          ...(context.via === undefined ? {} : { via: refOf(context.via) }),
          commandId: context.commandId,
          correlationId: context.correlationId,
          fingerprint: context.fingerprint,
          ...(context.imported === undefined ? {} : { imported: context.imported }),
          data,
          personal: {
            ...personal,
            actor: namesOf(context.actor),
            ...(context.via === undefined ? {} : { via: namesOf(context.via) }),
          },
          previousHash: stored.previousHash,
          hash: stored.hash,
        })
      }
      assert.is(new Set(sealed.map(({ id }) => id)).size, sealed.length, 'each has an id of its own')
    }),
    { usually: 500 },
  ),
)

events('the chain verifies, by the domain and by an independent implementation', () =>
  holds(
    fc.property(anyRecording, ({ sealed }) => {
      let previous = ''
      for (const each of sealed) {
        assert.is(each.previousHash, previous)
        assert.ok(isIntact(sha256, each))
        assert.is(each.personalDigest, independentPersonalDigest(each.salt, each.personal))
        assert.is(each.hash, independentEventHash(each.envelope, each.data, each.personalDigest, previous))
        for (const text of [each.envelope, each.data, each.personal]) {
          assert.is(JSON.stringify(JSON.parse(text)), text, 'survives a store that parses JSON')
        }
        previous = each.hash
      }
    }),
    { usually: 300 },
  ),
)

events('the same command gives the same event ids, another command others', () =>
  holds(
    fc.property(anyStream, anyContext, anyEvent, anySalt, (stream, context, event, salt) => {
      const idOf = (command: string): string | undefined =>
        sealEvents(sha256, () => salt)(stream, emptyStream, { ...context, commandId: commandId(command) }, [event])[0]
          ?.id
      assert.is(idOf('one'), idOf('one'))
      assert.is.not(idOf('one'), idOf('two'))
    }),
    { usually: 100 },
  ),
)

events('event ids derive as in earlier versions', () => {
  for (const { stored } of readGolden('Closed.v1')) {
    const event = decodeEvent(stored)
    if (event === null) return assert.unreachable()
    const { commandId: command, occurredAt, recordedAt, correlationId, fingerprint } = event
    const context = { actor: sue, commandId: command, occurredAt, recordedAt, correlationId, fingerprint }
    const head = { version: stored.version - 1, hash: stored.previousHash }
    const [again] = sealEvents(sha256, () => stored.salt)(stored.stream, head, context, [closed])
    assert.is(again?.id, stored.id)
    assert.is(again?.version, stored.version)
  }
})

const parts = ['envelope', 'data', 'personal', 'salt', 'personalDigest', 'previousHash', 'hash'] as const

/** One character replaced, removed or inserted. */
const alterations = (text: string, at: number, by: string): string[] => {
  const index = text.length === 0 ? 0 : at % text.length
  return [
    text.slice(0, index) + by + text.slice(index + 1),
    text.slice(0, index) + text.slice(index + 1),
    text.slice(0, index) + by + text.slice(index),
    text.slice(0, index) + (text[index] ?? '').toUpperCase() + text.slice(index + 1),
  ].filter((altered) => altered !== text)
}

events('one changed character anywhere is detected', () =>
  holds(
    fc.property(
      anyRecording,
      fc.constantFrom(...parts),
      fc.nat(),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ({ sealed }, part, at, by) => {
        const event = sealed.at(-1)
        if (event === undefined) return assert.unreachable()
        for (const altered of alterations(event[part], at, by)) {
          assert.not(isIntact(sha256, { ...event, [part]: altered }), `${part}: ${altered}`)
        }
      },
    ),
    { usually: 2_000 },
  ),
)

const one = (): SealedEvent => {
  const [event] = fc.sample(anyRecording, { numRuns: 1, seed: 1 }).flatMap(({ sealed }) => sealed)
  if (event === undefined) throw new Error('nothing was recorded')
  return event
}

events('an event with an erased part keeps its hash, and is decoded as erased', () => {
  const event = one()
  const gone = { ...event, personal: null, salt: null, position: position('1') }
  assert.ok(isIntact(sha256, gone))
  assert.is(decodeEvent(gone)?.personal, erased)
  assert.equal(decodeEvent(gone)?.data, JSON.parse(event.data))
  assert.not(isIntact(sha256, { ...gone, personalDigest: 'a'.repeat(64) }), 'the digest still counts')
  assert.not(isIntact(sha256, { ...event, salt: null }), 'a part without its salt cannot be checked')
  assert.not(isIntact(sha256, { ...event, previousHash: '00' }), 'a hash has its length')
})

events.run()
