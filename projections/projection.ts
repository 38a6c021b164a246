import type { Database } from 'better-sqlite3'
import type { RecordedEvent } from '../domain/event-log/envelope.ts'
import type { EventType } from '../domain/event-log/event-types.ts'
import type { CacheContext } from './cache/cache.ts'

export type EventOf<T extends EventType> = Extract<RecordedEvent, { readonly type: T }>

/**
 * What each event does to a read model; those without an effect have no handler. `test/projections/effects.test.ts` lists
 * the effects of each event, and fails for a new event type until they are decided.
 */
export type Handlers = { readonly [T in EventType]?: (event: EventOf<T>) => void } & {
  /** Runs for every event, before the event's own handler. */
  readonly everyEvent?: (event: RecordedEvent) => void
}

/**
 * A read model: its tables, what each event does to them, and its queries. It is fed events in log order inside a
 * transaction that also moves its checkpoint, so each event has its effect exactly once. A change of tables or handlers
 * needs the next version: the read model is then rebuilt from the log beside the old one.
 */
export interface Projection<Queries> {
  readonly name: string
  readonly version: number
  /** SQL that makes the tables. */
  readonly tables: string
  /** SQL that makes indexes which only queries use: a rebuild makes them last. */
  readonly indexes?: string
  /** Names of other read models whose tables the queries join. */
  readonly readsFrom?: readonly string[]
  /**
   * Its queries are wrong where it is not fed: while another version of it is in the file they do not answer as they stand.
   */
  readonly mustBeFed?: true
  /** Prepares the statements once. Every cache made from the context is flushed and discarded by the runner. */
  readonly on: (context: CacheContext) => Handlers
  readonly queries: (db: Database) => Queries
}

/** The queries of several read models, each under its key. */
export type Queries<M> = { readonly [K in keyof M]: M[K] extends Projection<infer Q> ? Q : never }

/** A query of a read model whose tables are still being built. */
export class ReadModelNotReady extends Error {}
