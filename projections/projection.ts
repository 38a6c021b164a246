import type { Database } from 'better-sqlite3'
import type { RecordedEvent } from '../domain/event-log/envelope.ts'
import type { EventType } from '../domain/event-log/event-types.ts'
import type { Held } from './cache/row-cache.ts'

/**
 * What each event does to a read model; `any` sees every event, before its own handler. Handlers that hold rows in memory
 * are told when to write them and when to forget them.
 */
export type Handlers = { readonly [T in EventType]?: (event: Extract<RecordedEvent, { readonly type: T }>) => void } & {
  readonly any?: (event: RecordedEvent) => void
} & Partial<Held>

/**
 * A read model: its tables, what each event does to them, and its queries, in one room. It is fed events in log order
 * inside a transaction that also moves its checkpoint, so an effect happens exactly once. A change of tables or
 * handlers gets the next version, and the model is made again from the log.
 */
export interface Projection<Queries> {
  readonly name: string
  readonly version: number
  /** SQL that makes the tables. */
  readonly tables: string
  /** SQL that makes indexes which only queries use: in a rebuild they are made last. */
  readonly indexes?: string
  /** Prepares its statements once. `alone`: nobody else writes to the file while it is open. */
  readonly on: (db: Database, alone?: boolean) => Handlers
  readonly queries: (db: Database) => Queries
}

/** The queries of several read models, each under its key. */
export type Queries<M> = { readonly [K in keyof M]: M[K] extends Projection<infer Q> ? Q : never }
