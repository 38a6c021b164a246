import type { Database } from 'better-sqlite3'
import { keyFilter, type KeyFilter } from './bloom-filter.ts'

/** What ever stood in a table, as far as it went by here: what never did needs no look. */
export interface Past {
  /** Nobody else writes to the table, and it was empty: all that ever stood in it went by. */
  readonly isWhole: () => boolean
  /** Of a key that is not held: it never stood there. */
  readonly neverHad: (key: string) => boolean
  /** These are held no more. */
  readonly leave: (keys: Iterable<string>) => void
  /** Something may have been written that did not go by. */
  readonly lose: () => void
}

const isEmpty = (db: Database, table: string): boolean =>
  db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined

/** `alone`: nobody else writes to the file while it is open. */
export const pastOf = (db: Database, table: string, alone: boolean): Past => {
  let gone: KeyFilter | null = alone && isEmpty(db, table) ? keyFilter() : null
  return {
    isWhole: () => gone !== null,
    neverHad: (key) => gone?.has(key) === false,
    leave: (keys) => {
      if (gone !== null) for (const key of keys) gone.add(key)
    },
    lose: () => {
      gone = null
    },
  }
}
