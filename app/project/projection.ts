import type { Database } from 'better-sqlite3'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { EventType } from '../../domain/event-log/event-types.ts'

/**
 * An event as an analyst's projection gets it: facts and ids, without the personal part. `ticket` is null for events of
 * readers and imports; times are ISO 8601 in UTC; `position` is a decimal text that grows along the log.
 */
export type Fact<T extends EventType = EventType> = T extends EventType
  ? Omit<Extract<RecordedEvent, { readonly type: T }>, 'personal'> & { readonly ticket: string | null }
  : never

/** What each event does; `any` sees every one, before its own handler. */
export type FactHandlers = { readonly [T in EventType]?: (event: Fact<T>) => void } & {
  readonly any?: (event: Fact) => void
}

/** An analyst's own projection, which a module exports as `projection`. README, "Your own projection", has an example. */
export interface OwnProjection {
  /** SQL that makes the tables. */
  readonly tables: string
  /** Prepares statements once and answers the handlers, which get the log from its first event on. */
  readonly on: (db: Database) => FactHandlers
  /** A query whose rows are printed at the end. */
  readonly print?: string
}
