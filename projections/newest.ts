import type { Database } from 'better-sqlite3'
import { byName, isEmpty, valueOf, type Held, type Value } from './rows.ts'

/** Lists that only grow at their end: of each the newest row is held. */
export interface Newest<R> {
  /** The newest row of a list; the caller may change it, and then says so with `put`. */
  readonly get: (...list: readonly string[]) => R | undefined
  /** Keeps a row that is the newest of its list from now on, to be written with the batch. */
  readonly put: (row: R) => void
}

/** Beyond so many lists those that are written are forgotten. */
const most = 300_000
/** So many rows wait at most to be written. */
const mostChanged = 100_000

/** Holds the newest rows of a table whose primary key is the list's two columns and a growing number. `alone` as `holdRows`. */
export const holdNewest = <R extends object>(
  db: Database,
  table: string,
  [one, two, at]: readonly [keyof R & string, keyof R & string, keyof R & string],
  others: readonly (keyof R & string)[],
  alone: boolean,
): Newest<R> & Held => {
  const columns = [one, two, at, ...others]
  // the primary key
  const find = db.prepare<string[], R>(
    `SELECT ${columns.join(', ')} FROM ${table} WHERE ${one} = ? AND ${two} = ? ORDER BY ${at} DESC LIMIT 1`,
  )
  const write = db.prepare<Value[]>(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${one}, ${two}, ${at}) DO UPDATE SET ${others.map((each) => `${each} = excluded.${each}`).join(', ')}`,
  )
  const held = new Map<string, R>()
  const changed = new Set<R>()
  let isWhole = alone && isEmpty(db, table)
  const nameOf = (first: unknown, second: unknown): string => `${String(first)}\u0000${String(second)}`

  const empty = (): void => {
    held.clear()
    isWhole = false
  }
  /** Rows that lie beside each other are written one after the other. */
  const sorted = (): readonly R[] => {
    if (!alone) return [...changed]
    const named = Array.from(changed, (row) => ({ row, name: nameOf(row[one], row[two]) }))
    return named.toSorted(byName).map(({ row }) => row)
  }

  const writeAll = (): void => {
    for (const row of sorted()) write.run(...columns.map((column) => valueOf(row, column)))
    changed.clear()
  }

  return {
    get: (first = '', second = '') => {
      const name = nameOf(first, second)
      const known = held.get(name)
      if (known !== undefined || isWhole) return known
      const found = find.get(first, second)
      if (found !== undefined) held.set(name, found)
      return found
    },
    put: (row) => {
      held.set(nameOf(row[one], row[two]), row)
      if (changed.add(row).size > mostChanged) writeAll()
    },
    settle: () => {
      writeAll()
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      changed.clear()
      empty()
    },
  }
}
