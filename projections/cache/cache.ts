import type { Database } from 'better-sqlite3'

/** Rows that handlers hold in memory between events. */
export interface Cache {
  /** Writes what changed. Runs at the end of each batch, before the commit. */
  readonly flush: () => void
  /** Drops everything, unwritten changes included. Runs after a rollback. */
  readonly discard: () => void
}

/** What a read model's handlers are built from. */
export interface CacheContext {
  readonly db: Database
  /**
   * No other process writes to the file while it is open, as in a rebuild: rows stay in memory from batch to batch, and
   * a key that a table which was empty never held is not looked up.
   */
  readonly exclusive: boolean
  /** Every cache registers itself here when it is made: the runner flushes and discards what is registered. */
  readonly register: (cache: Cache) => void
}

/** A context, and one cache that stands for all that are registered with it. */
export const cacheContext = (db: Database, exclusive: boolean): CacheContext & Cache => {
  const caches: Cache[] = []
  return {
    db,
    exclusive,
    register: (cache) => void caches.push(cache),
    flush: () => {
      for (const cache of caches) cache.flush()
    },
    discard: () => {
      for (const cache of caches) cache.discard()
    },
  }
}
