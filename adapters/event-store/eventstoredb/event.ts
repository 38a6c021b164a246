import { jsonEvent, type EventData } from '@eventstore/db-client'
import type { SealedEvent, StoredEvent } from '../../../domain/event-log/event-store.ts'
import type { Envelope } from '../../../domain/event-log/envelope.ts'

/**
 * One event of ours as the cluster holds it, for its own tools to read: the facts are the event's data, with the
 * personal part in one field of it; the envelope and what proves the event are its metadata, beside the two ids that
 * the server knows by name. The server keeps JSON as it is sent, and the client parses it: both give the same bytes
 * again, since what is stored is asserted to survive that (rulings, 3).
 */
interface Body {
  readonly [fact: string]: unknown
  readonly personal: object | null
}
interface Metadata {
  readonly $correlationId: string
  readonly $causationId: string
  readonly envelope: object
  readonly salt: string | null
  readonly personalDigest: string
  readonly previousHash: string
  readonly hash: string
}

const exactly = (text: string): object => {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || JSON.stringify(value) !== text) {
    throw new Error('this JSON does not survive being parsed and written again')
  }
  return value
}

/** @throws Error for bytes that would not come back as they are. */
export const wireEvent = (event: SealedEvent): EventData => {
  const data = exactly(event.data)
  if ('personal' in data) throw new Error(`the facts of ${event.type} have a field "personal"`)
  const envelope = exactly(event.envelope) as Envelope
  const metadata: Metadata = {
    $correlationId: envelope.correlationId,
    $causationId: envelope.commandId,
    envelope,
    salt: event.salt,
    personalDigest: event.personalDigest,
    previousHash: event.previousHash,
    hash: event.hash,
  }
  // Serialised by the client in this order.
  return jsonEvent({
    id: event.id,
    type: event.type,
    data: { ...data, personal: exactly(event.personal) },
    metadata: { ...metadata },
  })
}

/** Bytes that an append of these takes, as the server counts them, within a few. */
export const sizeOf = (events: readonly EventData[]): number =>
  events.reduce(
    (sum, { data, metadata }) =>
      sum + Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata)),
    0,
  )

/** An event as the client or the protocol gives it. `commit` is its place in `$all`. */
export interface WireRecord {
  readonly id: string
  readonly stream: string
  readonly type: string
  readonly revision: bigint
  readonly commit: bigint
  readonly data: unknown
  readonly metadata: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isOurs = (data: unknown, metadata: unknown): data is Body =>
  isObject(data) && isObject(metadata) && isObject(metadata['envelope']) && typeof metadata['hash'] === 'string'

/** Somebody else's event in a stream of ours has no bytes that a hash covers: readers pass it over, writers refuse it. */
const foreign = {
  envelope: '{}',
  data: '{}',
  personal: null,
  salt: null,
  personalDigest: '',
  previousHash: '',
  hash: '',
}

export const storedEvent = ({ id, stream, type, revision, commit, data, metadata }: WireRecord): StoredEvent => {
  const place = { position: String(commit), stream, version: Number(revision) + 1, id, type }
  if (!isOurs(data, metadata)) return { ...place, ...foreign }
  const { personal, ...facts } = data
  const proof = metadata as Metadata
  return {
    ...place,
    envelope: JSON.stringify(proof.envelope),
    data: JSON.stringify(facts),
    personal: personal === null ? null : JSON.stringify(personal),
    salt: proof.salt,
    personalDigest: proof.personalDigest,
    previousHash: proof.previousHash,
    hash: proof.hash,
  }
}
