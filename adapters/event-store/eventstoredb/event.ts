import { jsonEvent, type EventData } from '@eventstore/db-client'
import type { SealedEvent, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { positionOf, type Envelope } from '../../../domain/event-log/envelope.ts'
import type { CommandId, EventId, StreamName } from '../../../domain/ids.ts'

/**
 * An event as the cluster stores it, legible to its own tools. Data: the event's facts, with the personal part in the
 * field `personal`. Metadata: the envelope, hash, salt and digest, and the two ids that the server knows by name. The
 * server keeps JSON as it was sent, but the client parses it: the hashed bytes come back because only JSON that survives
 * parsing and serialising is written. See docs/adr/0008-event-parts-and-hashes.md.
 */
interface Body {
  readonly [fact: string]: unknown
  readonly personal: object | null
}
interface Metadata {
  readonly $correlationId: string
  readonly $causationId: CommandId
  readonly envelope: object
  readonly salt: string | null
  readonly personalDigest: string
  readonly previousHash: string
  readonly hash: string
}

/** @throws Error for JSON whose bytes would change. */
const parseExactly = (text: string): object => {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || JSON.stringify(value) !== text) {
    throw new Error('this JSON does not survive being parsed and written again')
  }
  return value
}

/** @throws Error for an event whose bytes would not come back as they are. */
export const wireEvent = (event: SealedEvent): EventData => {
  const data = parseExactly(event.data)
  if ('personal' in data) throw new Error(`the facts of ${event.type} have a field "personal"`)
  const envelope = parseExactly(event.envelope) as Envelope
  const metadata: Metadata = {
    $correlationId: envelope.correlationId,
    $causationId: envelope.commandId,
    envelope,
    salt: event.salt,
    personalDigest: event.personalDigest,
    previousHash: event.previousHash,
    hash: event.hash,
  }
  // The client serialises the members in this order.
  return jsonEvent({
    id: event.id,
    type: event.type,
    data: { ...data, personal: parseExactly(event.personal) },
    metadata: { ...metadata },
  })
}

/** The bytes of an append as the server counts them, to within a few. */
export const sizeOf = (events: readonly EventData[]): number =>
  events.reduce(
    (sum, { data, metadata }) =>
      sum + Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata)),
    0,
  )

/** An event as the client or the protocol delivers it. `commit` is its position in `$all`. */
export interface WireRecord {
  readonly id: string
  readonly stream: StreamName
  readonly type: string
  readonly revision: bigint
  readonly commit: bigint
  readonly data: unknown
  readonly metadata: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isWritten = (data: unknown, metadata: unknown): data is Body =>
  isObject(data) && isObject(metadata) && isObject(metadata['envelope']) && typeof metadata['hash'] === 'string'

/** An event that another program wrote has no hashed bytes: subscribers skip it, and its stream counts as damaged. */
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
  const indexed = { position: positionOf(commit), stream, version: Number(revision) + 1, id: id as EventId, type }
  if (!isWritten(data, metadata)) return { ...indexed, ...foreign }
  const { personal, ...facts } = data
  const meta = metadata as Metadata
  return {
    ...indexed,
    envelope: JSON.stringify(meta.envelope),
    data: JSON.stringify(facts),
    personal: personal === null ? null : JSON.stringify(personal),
    salt: meta.salt,
    personalDigest: meta.personalDigest,
    previousHash: meta.previousHash,
    hash: meta.hash,
  }
}
