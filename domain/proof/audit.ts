import type { StoredEvent } from '../event-log/event-store.ts'
import type { Position } from '../event-log/envelope.ts'

/**
 * An event as an auditor reads it from a store. `place` is the position where it should stand; `flaw` says what is wrong
 * with how it is stored, null where nothing is.
 */
export interface AuditedEvent {
  readonly stored: StoredEvent
  readonly place: Position
  readonly flaw: string | null
}

/** Something in a store that is no event's: `position` where it names one. */
export interface Leftover {
  readonly position: string | null
  readonly reason: string
}

/** A store laid open for an audit: nothing of it is trusted. */
export interface AuditedLog {
  /** All events in the order of the log, a page at a time. @throws what the disk or the file says. */
  readonly pages: () => AsyncIterable<readonly AuditedEvent[]> | Iterable<readonly AuditedEvent[]>
  /** What stands beside the events and should not; null where all is well. */
  readonly leftover: () => Leftover | null
}
