import type { Actor } from '../../domain/actor.ts'
import type { SealedEvent, StoredEvent } from '../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { userStream, ticketStream, type StreamName } from '../../domain/ids.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import { commandId, ticketId } from './ids.ts'

/** Builds a log: each call is one append, a minute after the one before. */
export interface TestLog {
  /** In log order, with positions 1, 2, … */
  readonly events: readonly (StoredEvent & SealedEvent)[]
  readonly ticket: (id: string, actor: Actor, ...events: readonly DomainEvent[]) => void
  /** Events of the actor's own stream. */
  readonly user: (actor: Actor, ...events: readonly DomainEvent[]) => void
  /** An event of a type that no build knows yet. */
  readonly unknown: (id: string, actor: Actor) => void
  /** The time of the nth append, counted from 1. */
  readonly at: (n: number) => string
}

const seal = sealEvents(sha256, () => '0'.repeat(32))
const timeOf = (n: number): string => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * 60_000).toISOString()

export const testLog = (): TestLog => {
  const events: (StoredEvent & SealedEvent)[] = []
  const heads = new Map<StreamName, StreamHead>()
  let appends = 0
  const append = (stream: StreamName, actor: Actor, facts: readonly DomainEvent[]) => {
    const at = timeOf(++appends)
    const context = { actor, commandId: commandId(`c-${appends}`), correlationId: 'c', fingerprint: '', occurredAt: at }
    const sealed = seal(stream, heads.get(stream) ?? emptyStream, { ...context, recordedAt: at }, facts)
    for (const event of sealed) heads.set(stream, { version: event.version, hash: event.hash })
    return sealed.map((event, index) => ({ ...event, position: positionOf(events.length + index + 1) }))
  }
  return {
    events,
    at: timeOf,
    ticket: (id, actor, ...facts) => void events.push(...append(ticketStream(ticketId(id)), actor, facts)),
    user: (actor, ...facts) => void events.push(...append(userStream(actor.id), actor, facts)),
    unknown: (id, actor) => {
      const closed: DomainEvent = { type: 'Closed', data: {}, personal: {} }
      for (const event of append(ticketStream(ticketId(id)), actor, [closed])) {
        events.push({ ...event, type: 'Merged', envelope: event.envelope.replace('"Closed"', '"Merged"') })
      }
    },
  }
}

/** The same events after the personal parts of one ticket were erased. */
export const withoutPersonal = (events: readonly StoredEvent[], ticket: string): readonly StoredEvent[] =>
  events.map((event) =>
    event.stream === ticketStream(ticketId(ticket)) ? { ...event, personal: null, salt: null } : event,
  )
