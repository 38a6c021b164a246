import type { StoredEvent } from '../event-store.ts'
import { erased, type Envelope, type Recorded } from './envelope.ts'
import { eventTypes, isEventType, type EventType } from './registry.ts'
import { upcasters, type Parts } from './upcast.ts'

const upcast = (type: EventType, schema: number, parts: Parts): Parts => {
  let current = parts
  for (let version = schema; version < eventTypes[type].schema; version++) {
    const step = upcasters[type]?.[version]
    if (step === undefined) throw new Error(`no upcaster from ${type} ${version}`)
    current = step(current)
  }
  return current
}

/**
 * The one door from stored bytes to an event (architecture, decision 10). Null for a type or a schema version that
 * this build does not know: readers pass it over, writers refuse its stream. Our own log is trusted by its hash and
 * schema version and not decoded field by field: this runs for every event of every replay.
 */
export const readEvent = (stored: StoredEvent): Recorded | null => {
  if (!isEventType(stored.type)) return null
  const envelope: Envelope = JSON.parse(stored.envelope)
  const latest = eventTypes[stored.type].schema
  if (envelope.schema > latest) return null
  let parts: Parts = {
    data: JSON.parse(stored.data),
    personal: stored.personal === null ? erased : JSON.parse(stored.personal),
  }
  if (envelope.schema < latest) parts = upcast(stored.type, envelope.schema, parts)
  // The cast is the decoder's own: bytes that passed the write-side codec come back as what they were.
  return {
    ...envelope,
    position: stored.position,
    data: parts.data,
    personal: parts.personal,
    previousHash: stored.previousHash,
    hash: stored.hash,
  } as Recorded
}
