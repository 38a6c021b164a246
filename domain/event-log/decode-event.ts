import type { StoredEvent } from './event-store.ts'
import { erased, type Envelope, type RecordedEvent } from './envelope.ts'
import { eventTypes } from './event-types.ts'
import { upcasters, type Parts, type Upcasters } from './upcasting.ts'

/** The present schema version of each known type. */
export type Schemas = Readonly<Record<string, { readonly schema: number }>>

const upcast = (steps: Upcasters, envelope: Envelope, latest: number, parts: Parts): Parts => {
  let current = parts
  for (let version = envelope.schema; version < latest; version++) {
    const step = steps[envelope.type]?.[version]
    if (step === undefined) throw new Error(`no upcaster from ${envelope.type} ${version}`)
    current = step(current)
  }
  return current
}

/** What a store indexes stands beside the hashed bytes and must say what they say. */
export const agrees = (stored: StoredEvent, envelope: Envelope): boolean =>
  envelope.type === stored.type &&
  envelope.version === stored.version &&
  envelope.stream === stored.stream &&
  envelope.id === stored.id

/** A reader for these types and upcasters. Throws where a past version has no upcaster: a bug of the build. */
export const readerOf =
  (schemas: Schemas, steps: Upcasters) =>
  (stored: StoredEvent): RecordedEvent | null => {
    if (!Object.hasOwn(schemas, stored.type)) return null
    const latest = schemas[stored.type]?.schema ?? 0
    const envelope: Envelope = JSON.parse(stored.envelope)
    if (!(envelope.schema >= 1 && envelope.schema <= latest) || !agrees(stored, envelope)) return null
    let parts: Parts = {
      data: JSON.parse(stored.data),
      personal: stored.personal === null ? erased : JSON.parse(stored.personal),
    }
    if (envelope.schema < latest) parts = upcast(steps, envelope, latest, parts)
    // The object is nobody else's: put into it, the rest costs a tenth of a copy.
    const event = Object.assign(envelope, {
      position: stored.position,
      data: parts.data,
      personal: parts.personal,
      previousHash: stored.previousHash,
      hash: stored.hash,
    })
    // The cast is the decoder's own: bytes that passed the write-side codec come back as what they were.
    return event as RecordedEvent
  }

/**
 * The one door from stored bytes to an event (architecture, decision 10). Null for a type or a schema version that
 * this build does not know, and where a store's columns differ from the envelope: readers pass it over, writers refuse
 * its stream. Our own log is trusted by its hash and schema version and not decoded field by field: this runs for
 * every event of every replay.
 */
export const readEvent = readerOf(eventTypes, upcasters)
