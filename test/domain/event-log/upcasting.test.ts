import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { erased } from '../../../domain/event-log/envelope.ts'
import { eventDecoder } from '../../../domain/event-log/decode-event.ts'
import type { Parts, Upcasters } from '../../../domain/event-log/upcasting.ts'
import { eventId, streamName } from '../../support/ids.ts'
import { readGolden } from './golden.ts'

const upcasting = suite('upcasting')

const marked =
  (name: string) =>
  (parts: Parts): Parts => {
    if (parts.personal === erased) return { ...parts, data: { by: name, was: parts.data } }
    return { data: { by: name, was: parts.data }, personal: { by: name, was: parts.personal } }
  }
const steps: Upcasters = { Opened: { 1: marked('one'), 2: marked('two') } }
const read = eventDecoder({ Opened: { schema: 3 } }, steps)

const written = (schema: number, change: Partial<StoredEvent> = {}): StoredEvent => {
  const [first] = readGolden('Opened.v1')
  if (first === undefined) throw new Error('no golden Opened')
  const envelope = JSON.stringify({ ...JSON.parse(first.stored.envelope), schema })
  return { ...first.stored, envelope, data: '{"a":1}', personal: '{"b":2}', ...change }
}

upcasting('applies each step from the written version to the current one, in order', () => {
  assert.equal(read(written(1))?.data, { by: 'two', was: { by: 'one', was: { a: 1 } } })
  assert.equal(read(written(1))?.personal, { by: 'two', was: { by: 'one', was: { b: 2 } } })
  assert.equal(read(written(2))?.data, { by: 'two', was: { a: 1 } })
})

upcasting('leaves the current version as it is', () => {
  assert.equal(read(written(3))?.data, { a: 1 })
})

upcasting('keeps the written version in the envelope', () => {
  assert.is(read(written(1))?.schema, 1)
})

upcasting('keeps an erased part erased', () => {
  const event = read(written(1, { personal: null, salt: null }))
  assert.is(event?.personal, erased)
  assert.equal(event?.data, { by: 'two', was: { by: 'one', was: { a: 1 } } })
})

upcasting('gives null for a version that this build does not know', () => {
  for (const schema of [4, 0, -1, Number.NaN]) assert.is(read(written(schema)), null, String(schema))
})

upcasting('gives null for a type that this build does not know', () => {
  for (const type of ['Merged', 'toString', '__proto__', '']) {
    const envelope = JSON.stringify({ ...JSON.parse(written(3).envelope), type })
    assert.is(read(written(3, { type, envelope })), null, type)
  }
})

upcasting('gives null for columns that differ from the envelope', () => {
  for (const change of [
    { type: 'Closed' },
    { stream: streamName('ticket-T-0000000Z') },
    { version: 9 },
    { id: eventId('another') },
  ]) {
    assert.is(eventDecoder({ Opened: { schema: 3 }, Closed: { schema: 3 } }, steps)(written(3, change)), null)
  }
})

upcasting('throws for a missing upcaster, naming it', () => {
  assert.throws(() => eventDecoder({ Opened: { schema: 2 } }, {})(written(1)), 'no upcaster from Opened 1')
})

upcasting.run()
