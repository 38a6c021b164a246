import type { Database, Statement } from 'better-sqlite3'
import { bloomFilter, type BloomFilter } from './bloom-filter.ts'

/** What all caches of rows share: their context, keys that a table never held, and writing many rows at once. */

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

/** Knows keys that a table never held, so that they are not looked up. */
export interface NegativeCache {
  /** The table was empty and nobody else writes to it: every row it ever held passed through this cache's owner. */
  readonly isComplete: () => boolean
  /** Of a key that is not in memory: the table does not hold it. */
  readonly isAbsent: (key: string) => boolean
  /** These keys leave memory, and remain in the table. */
  readonly evict: (keys: Iterable<string>) => void
  /** The table may hold rows that did not pass through. */
  readonly invalidate: () => void
}

export const negativeCache = ({ db, exclusive }: CacheContext, table: string): NegativeCache => {
  const isEmpty = (): boolean => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined
  let evicted: BloomFilter | null = exclusive && isEmpty() ? bloomFilter() : null
  return {
    isComplete: () => evicted !== null,
    isAbsent: (key) => evicted?.has(key) === false,
    evict: (keys) => {
      if (evicted !== null) for (const key of keys) evicted.add(key)
    },
    invalidate: () => {
      evicted = null
    },
  }
}

export type Value = string | number | null

/** A row's columns hold what SQLite stores; the compiler only knows that they are the row's. */
export const valueOf = <R>(row: R, column: keyof R): Value => row[column] as Value

/** Rows per statement: a third of the cost of writing one row is the statement's own. */
const width = 32

/** Writes rows in their order. `onConflict` is the SQL for a row whose key exists. */
export const rowWriter = <R>(
  db: Database,
  table: string,
  columns: readonly (keyof R & string)[],
  onConflict: string,
): ((rows: readonly R[]) => void) => {
  const insert = (rows: number): Statement<[readonly Value[]]> => {
    const row = `(${columns.map(() => '?').join(', ')})`
    const values = Array.from({ length: rows }, () => row).join(', ')
    return db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values} ON CONFLICT ${onConflict}`)
  }
  const one = insert(1)
  let many: Statement<[readonly Value[]]> | undefined
  const statementFor = (rows: number) => (rows === 1 ? one : (many ??= insert(width)))

  return (rows) => {
    let at = 0
    while (at < rows.length) {
      const end = at + width <= rows.length ? at + width : at + 1
      const values: Value[] = []
      for (let n = at; n < end; n++) {
        const row = rows[n]
        if (row !== undefined) for (const column of columns) values.push(valueOf(row, column))
      }
      statementFor(end - at).run(values)
      at = end
    }
  }
}
