import type { Principal } from '../../../domain/actor.ts'
import type { EventStore } from '../../../domain/event-log/event-store.ts'
import type { LastId, Place } from './frames.ts'
import type { Sink } from './connection.ts'

/** Somebody who listens. */
export interface Listener {
  readonly caller: Principal
  readonly sink: Sink
  /** Asked before every message: a token ends, and a role or an account may be another by then. */
  readonly mayStill: () => Promise<boolean>
}

/** What is new, told as it happens to those who listen, each what is theirs. */
export interface Live {
  /** False before the start, after the end and while as many listen as can. */
  readonly isOpen: () => boolean
  /**
   * Whether an id is a place in this log. After a move to another store, or back to a copy that is older, it is not:
   * what was missed cannot be told from there. Null where the log cannot be asked.
   */
  readonly knows: (id: LastId) => Promise<boolean | null>
  /** Tells of everything behind `after`, or from now on, until either side ends it. */
  readonly join: (listener: Listener, after: Place | null) => void
}

/** `createHub` makes one. */
export interface Hub extends Live {
  /** Begins to follow the log. @throws Error where it cannot be read. */
  readonly start: (store: EventStore) => Promise<void>
  /** How many listen. */
  readonly listening: () => number
  /** Ends every stream and follows no more. */
  readonly close: () => Promise<void>
}

export interface HubOptions {
  readonly failed: (error: unknown) => void
  /** How often a silent stream says that it lives, in ms. */
  readonly heartbeatMs?: number
}
