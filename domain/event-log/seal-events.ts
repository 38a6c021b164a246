import { namesOf, refOf, type Principal, type Via } from '../actor.ts'
import type { SealedEvent } from './event-store.ts'
import { eventIdOf, type CommandId, type StreamName } from '../ids.ts'
import type { Envelope } from './envelope.ts'
import { eventTypes, type DomainEvent } from './event-types.ts'
import { eventHash, personalDigest, type Sha256 } from './hash.ts'

/** The metadata that all events of one command share. */
export interface CommandContext {
  /** A service acts only for its own work, such as an import; an auditor or analyst only in the own user stream. */
  readonly actor: Principal
  readonly via?: Via
  readonly commandId: CommandId
  readonly correlationId: string
  readonly fingerprint: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly imported?: string
}

/** The last event of a stream: version 0 and an empty hash before the first one. */
export interface StreamHead {
  readonly version: number
  readonly hash: string
}

export const emptyStream: StreamHead = { version: 0, hash: '' }

/** @throws Error for JSON that a store which parses and serialises it, as EventStoreDB's client does, would change. */
const stored = (value: unknown): string => {
  const text = JSON.stringify(value)
  if (JSON.stringify(JSON.parse(text)) !== text) throw new Error('this value does not survive JSON')
  return text
}

/**
 * @throws Error unless the events continue the stream behind its head. A writer seals events to the head that it loaded,
 * so this is a bug and not a conflict.
 */
export const assertChained = (stream: StreamName, head: StreamHead, events: readonly SealedEvent[]): void => {
  let { version, hash } = head
  for (const event of events) {
    version++
    if (event.stream !== stream || event.version !== version || event.previousHash !== hash) {
      throw new Error(`event ${event.id} is not chained to ${stream} at version ${version - 1}`)
    }
    hash = event.hash
  }
}

/**
 * Seals decided events: adds envelope, salt and hash, chained to the stream's head
 * (docs/adr/0008-event-parts-and-hashes.md). `newSalt` gives 32 hex digits.
 */
export const sealEvents =
  (sha256: Sha256, newSalt: () => string) =>
  (stream: StreamName, head: StreamHead, context: CommandContext, events: readonly DomainEvent[]): SealedEvent[] => {
    let previousHash = head.hash
    return events.map((event, index) => {
      const version = head.version + index + 1
      const envelope: Envelope = {
        id: eventIdOf(sha256, context.commandId, stream, index),
        stream,
        version,
        type: event.type,
        schema: eventTypes[event.type].schema,
        occurredAt: context.occurredAt,
        recordedAt: context.recordedAt,
        actor: refOf(context.actor),
        ...(context.via === undefined ? {} : { via: refOf(context.via) }),
        commandId: context.commandId,
        correlationId: context.correlationId,
        fingerprint: context.fingerprint,
        ...(context.imported === undefined ? {} : { imported: context.imported }),
      }
      const bytes = {
        envelope: stored(envelope),
        data: stored(event.data),
        personal: stored({
          ...event.personal,
          actor: namesOf(context.actor),
          ...(context.via === undefined ? {} : { via: namesOf(context.via) }),
        }),
        salt: newSalt(),
      }
      const digest = personalDigest(sha256, bytes.salt, bytes.personal)
      const hash = eventHash(sha256, { ...bytes, personalDigest: digest, previousHash })
      const sealed = {
        id: envelope.id,
        stream,
        version,
        type: event.type,
        ...bytes,
        personalDigest: digest,
        previousHash,
        hash,
      }
      previousHash = hash
      return sealed
    })
  }
