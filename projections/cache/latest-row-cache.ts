import { negativeCache, rowWriter, type Cache, type CacheContext } from './cache.ts'
import { byKey } from './row-cache.ts'
import type { Table } from './table.ts'

/** The latest row of each list, where lists only grow at their end. */
export interface LatestRowCache<R, A, B> extends Cache {
  /** The latest row of a list. The caller may modify it, and then calls `put`. */
  readonly get: (...list: readonly [A, B]) => R | undefined
  /** Sets the latest row of its list; it is written with the batch. */
  readonly put: (row: R) => void
}

/** A list's latest row, and those that are not written yet, in order. */
interface List<R> {
  readonly key: string
  latest: R
  changed: R[]
}

/** Above this many lists, written ones are evicted even in a rebuild. */
const most = 50_000
/** Above this many unwritten rows, they are written before the batch ends. */
const mostChanged = 50_000

/** Of a table whose key is two columns that name the list and a growing number. */
export const latestRowCache = <R extends object, A extends string, B extends string>(
  context: CacheContext,
  table: Table<R, readonly [A, B, number]>,
): LatestRowCache<R, A, B> => {
  const { db, exclusive } = context
  const [one, two, at] = table.key
  if (one === undefined || two === undefined || at === undefined)
    throw new Error(`${table.name} has no list and number`)
  const columns = [...table.key, ...table.others]
  // the primary key
  const find = db.prepare<string[], R>(
    `SELECT ${columns.join(', ')} FROM ${table.name} WHERE ${one} = ? AND ${two} = ? ORDER BY ${at} DESC LIMIT 1`,
  )
  const write = rowWriter<R>(
    db,
    table.name,
    columns,
    `(${one}, ${two}, ${at}) DO UPDATE SET ${table.others.map((each) => `${each} = excluded.${each}`).join(', ')}`,
  )
  const lists = new Map<string, List<R>>()
  let changed: List<R>[] = []
  let unwritten = 0
  const absent = negativeCache(context, table.name)
  const keyOf = (first: unknown, second: unknown): string => `${String(first)}\u0000${String(second)}`

  const evictAll = (): void => {
    absent.evict(lists.keys())
    lists.clear()
  }

  /** Rows that are neighbours in the table are written one after the other. */
  const writeAll = (): void => {
    if (exclusive) changed.sort(byKey)
    write(changed.flatMap((list) => list.changed))
    for (const list of changed) list.changed = []
    changed = []
    unwritten = 0
  }

  const cache: LatestRowCache<R, A, B> = {
    get: (first, second) => {
      const key = keyOf(first, second)
      const known = lists.get(key)
      if (known !== undefined || absent.isAbsent(key)) return known?.latest
      const found = find.get(first, second)
      if (found !== undefined) lists.set(key, { key, latest: found, changed: [] })
      return found
    },
    put: (row) => {
      const key = keyOf(row[one], row[two])
      let list = lists.get(key)
      if (list === undefined) {
        list = { key, latest: row, changed: [] }
        lists.set(key, list)
      }
      list.latest = row
      if (list.changed.at(-1) === row) return
      if (list.changed.length === 0) changed.push(list)
      list.changed.push(row)
      if (++unwritten > mostChanged) writeAll()
    },
    flush: () => {
      writeAll()
      if (!exclusive || lists.size > most) evictAll()
    },
    discard: () => {
      changed = []
      unwritten = 0
      absent.invalidate()
      evictAll()
    },
  }
  context.register(cache)
  return cache
}
