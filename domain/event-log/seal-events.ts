import { namesOf, refOf, type Via } from '../actor.ts'
import type { Principal } from '../actor.ts'
import type { SealedEvent } from './event-store.ts'
import { derivedUuid } from '../ids.ts'
import type { Envelope } from './envelope.ts'
import { eventTypes, type DomainEvent } from './event-types.ts'
import { eventHash, personalDigest, type Sha256 } from './hash.ts'

/** What all events of one command share. */
export interface CommandContext {
  /** A service only for facts about its own work, such as an import's progress; who only reads, for own reading. */
  readonly actor: Principal
  readonly via?: Via
  readonly commandId: string
  readonly correlationId: string
  readonly fingerprint: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly imported?: string
}

/** Where the stream stands: version 0 and an empty hash before its first event. */
export interface StreamHead {
  readonly version: number
  readonly hash: string
}

export const emptyStream: StreamHead = { version: 0, hash: '' }

/** Stored JSON must survive a store that parses it and writes it again (rulings, 3). */
const stored = (value: unknown): string => {
  const text = JSON.stringify(value)
  if (JSON.stringify(JSON.parse(text)) !== text) throw new Error('this value does not survive JSON')
  return text
}

/** Turns decided events into sealed ones, chained to the stream's head. `newSalt` gives 32 hex digits. */
export const sealEvents =
  (sha256: Sha256, newSalt: () => string) =>
  (stream: string, head: StreamHead, context: CommandContext, events: readonly DomainEvent[]): SealedEvent[] => {
    let previousHash = head.hash
    return events.map((event, index) => {
      const version = head.version + index + 1
      const envelope: Envelope = {
        id: derivedUuid(sha256, 'event', context.commandId, stream, String(index)),
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
      const exact = {
        envelope: stored(envelope),
        data: stored(event.data),
        personal: stored({
          ...event.personal,
          actor: namesOf(context.actor),
          ...(context.via === undefined ? {} : { via: namesOf(context.via) }),
        }),
        salt: newSalt(),
      }
      const digest = personalDigest(sha256, exact.salt, exact.personal)
      const hash = eventHash(sha256, { ...exact, personalDigest: digest, previousHash })
      const sealed = {
        id: envelope.id,
        stream,
        version,
        type: event.type,
        ...exact,
        personalDigest: digest,
        previousHash,
        hash,
      }
      previousHash = hash
      return sealed
    })
  }
