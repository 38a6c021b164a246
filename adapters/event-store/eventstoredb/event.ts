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
  readonly envelope: Envelope
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

/** An event as it is sent: its texts are the JSON that the cluster keeps. */
export interface WireEvent {
  /** A UUID that stands for the event's content: see `contentId`. */
  readonly id: string
  readonly type: string
  readonly data: string
  readonly metadata: string
}

/**
 * The record's id on the cluster: the first 128 bits of the event's hash, as a UUID of version 8 (RFC 9562). The server
 * takes an append for a repetition where it holds the same ids: these are the same for the same content alone, so that a
 * success is one (docs/adr/0034-appends-and-searches-on-a-cluster.md). The event's own id is in its envelope.
 */
const contentId = (hash: string): string =>
  [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join(
    '-',
  )

/** @throws Error for an event whose bytes would not come back as they are. */
export const wireEvent = (event: SealedEvent): WireEvent => {
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
  return {
    id: contentId(event.hash),
    type: event.type,
    data: JSON.stringify({ ...data, personal: parseExactly(event.personal) }),
    metadata: JSON.stringify(metadata),
  }
}

/** The bytes of an append: more than the server counts, which leaves the metadata out. */
export const sizeOf = (events: readonly WireEvent[]): number =>
  events.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata), 0)

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
    id: meta.envelope.id,
    envelope: JSON.stringify(meta.envelope),
    data: JSON.stringify(facts),
    personal: personal === null ? null : JSON.stringify(personal),
    salt: meta.salt,
    personalDigest: meta.personalDigest,
    previousHash: meta.previousHash,
    hash: meta.hash,
  }
}
