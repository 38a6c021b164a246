import type { StoredEvent } from '../event-log/event-store.ts'
import type { Position } from '../event-log/envelope.ts'

/** An event as an audit reads it: without trust in the store. */
export interface AuditedEvent {
  readonly stored: StoredEvent
  /** The position that it must have by its order. */
  readonly expectedPosition: Position
  /** What is wrong with how it is stored; null where nothing is. */
  readonly flaw: string | null
}

/** Something in a store that belongs to no event. `position` is null where it names none. */
export interface Leftover {
  readonly position: Position | null
  readonly reason: string
}

/** A store as an audit reads it. */
export interface AuditedLog {
  /** All events in the order of the log, in pages. @throws an error of the disk or the file. */
  readonly pages: () => AsyncIterable<readonly AuditedEvent[]> | Iterable<readonly AuditedEvent[]>
  /** The first leftover, or null. */
  readonly findLeftover: () => Leftover | null
}
