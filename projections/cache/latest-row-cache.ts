import type { Database } from 'better-sqlite3'
import { pastOf } from './negative-cache.ts'
import { rowWriter } from './row-writer.ts'
import { byName, type Held } from './row-cache.ts'

/** Lists that only grow at their end: of each the newest row is held. */
export interface Newest<R> {
  /** The newest row of a list; the caller may change it, and then says so with `put`. */
  readonly get: (...list: readonly string[]) => R | undefined
  /** Keeps a row that is the newest of its list from now on, to be written with the batch. */
  readonly put: (row: R) => void
}

/** Of a list: its newest row, and those that wait to be written, in its order. */
interface List<R> {
  readonly name: string
  newest: R
  changed: R[]
}

/** Beyond so many lists those that are written are forgotten. */
const most = 50_000
/** So many rows wait at most to be written. */
const mostChanged = 50_000

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
  const write = rowWriter<R>(
    db,
    table,
    columns,
    `(${one}, ${two}, ${at}) DO UPDATE SET ${others.map((each) => `${each} = excluded.${each}`).join(', ')}`,
  )
  const held = new Map<string, List<R>>()
  let changed: List<R>[] = []
  let waiting = 0
  const past = pastOf(db, table, alone)
  const nameOf = (first: unknown, second: unknown): string => `${String(first)}\u0000${String(second)}`

  const empty = (): void => {
    past.leave(held.keys())
    held.clear()
  }

  /** Rows that lie beside each other are written one after the other. */
  const writeAll = (): void => {
    if (alone) changed.sort(byName)
    write(changed.flatMap((list) => list.changed))
    for (const list of changed) list.changed = []
    changed = []
    waiting = 0
  }

  return {
    get: (first = '', second = '') => {
      const name = nameOf(first, second)
      const known = held.get(name)
      if (known !== undefined || past.neverHad(name)) return known?.newest
      const found = find.get(first, second)
      if (found !== undefined) held.set(name, { name, newest: found, changed: [] })
      return found
    },
    put: (row) => {
      const name = nameOf(row[one], row[two])
      let list = held.get(name)
      if (list === undefined) {
        list = { name, newest: row, changed: [] }
        held.set(name, list)
      }
      list.newest = row
      if (list.changed.at(-1) === row) return
      if (list.changed.length === 0) changed.push(list)
      list.changed.push(row)
      if (++waiting > mostChanged) writeAll()
    },
    settle: () => {
      writeAll()
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      changed = []
      waiting = 0
      past.lose()
      empty()
    },
  }
}
