import type * as t from 'io-ts'
import { importProgressEvents } from '../import/events.ts'
import { mailEvents } from '../mail/events.ts'
import { ticketEvents } from '../ticket/events.ts'
import { userEvents } from '../user/events.ts'

interface Declaration {
  /** The current schema version. */
  readonly schema: number
  readonly codec: t.Mixed
}

/**
 * Every event type, as each kind of stream declares its own. A codec never changes its meaning: a changed shape gets the
 * next schema version, which the compiler then wants an upcaster for (`upcasting.ts`) and
 * `test/domain/event-log/golden.test.ts` a golden file.
 */
export const eventTypes = {
  ...ticketEvents,
  ...userEvents,
  ...importProgressEvents,
  ...mailEvents,
} as const satisfies Readonly<Record<string, Declaration>>

type EventTypes = typeof eventTypes
export type EventType = keyof EventTypes

/** Every event that the system writes. */
export type DomainEvent = t.TypeOf<EventTypes[EventType]['codec']>

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventTypes, type)
