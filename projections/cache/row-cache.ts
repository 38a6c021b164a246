import type { Statement } from 'better-sqlite3'
import { negativeCache, rowWriter, valueOf, type Cache, type CacheContext, type Value } from './cache.ts'
import type { Table } from './table.ts'

/** A table's rows by their text keys: read on first use, written once per batch. */
export interface RowCache<R, K extends readonly string[]> extends Cache {
  readonly get: (...key: K) => Readonly<R> | undefined
  /** The row of a key, to be modified by the caller; it is written with the batch. */
  readonly change: (...key: K) => R | undefined
  /** Adds a row whose key is new. The caller may go on modifying it until the batch ends. */
  readonly add: (row: R) => R
  /** Every row that the table ever held passed through here: what `get` does not find in memory or table is absent. */
  readonly isComplete: () => boolean
}

/** A row in memory. `before` is as in the table: each column that is written costs its indexes. */
interface Slot<R> {
  readonly key: string
  readonly row: R
  readonly before: R | undefined
  isChanged: boolean
}

/** Above this many rows, written ones are evicted even in a rebuild. */
const most = 20_000

/** The order of a clustered table. */
export const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0

export const rowCache = <R extends object, K extends readonly string[]>(
  context: CacheContext,
  table: Table<R, K>,
): RowCache<R, K> => {
  const { db, exclusive } = context
  const { key, others, isClustered } = table
  const columns = [...key, ...others]
  const where = key.map((column) => `${column} = ?`).join(' AND ')
  // the primary key, or the unique index over the same columns
  const find = db.prepare<string[], R>(`SELECT ${columns.join(', ')} FROM ${table.name} WHERE ${where}`)
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ')
  const onConflict = others.length === 0 ? 'DO NOTHING' : `(${key.join(', ')}) DO UPDATE SET ${set}`
  const write = rowWriter<R>(db, table.name, columns, onConflict)
  const updates = new Map<string, Statement<Value[]>>()
  const slots = new Map<string, Slot<R>>()
  let changed: Slot<R>[] = []
  const absent = negativeCache(context, table.name)

  const keyOf = (of: readonly string[]): string => (of.length === 1 ? (of[0] ?? '') : of.join('\u0000'))

  const slotOf = (of: readonly string[]): Slot<R> | undefined => {
    const slotKey = keyOf(of)
    const known = slots.get(slotKey)
    if (known !== undefined || absent.isAbsent(slotKey)) return known
    const row = find.get(...of)
    if (row === undefined) return undefined
    const slot = { key: slotKey, row, before: exclusive ? undefined : { ...row }, isChanged: false }
    slots.set(slotKey, slot)
    return slot
  }

  /** Writes only the columns that changed. */
  const update = (before: R, row: R): void => {
    const modified = others.filter((column) => before[column] !== row[column])
    if (modified.length === 0) return
    const assignments = modified.map((column) => `${column} = ?`).join(', ')
    let statement = updates.get(assignments)
    if (statement === undefined) {
      statement = db.prepare<Value[]>(`UPDATE ${table.name} SET ${assignments} WHERE ${where}`)
      updates.set(assignments, statement)
    }
    statement.run(...modified.map((column) => valueOf(row, column)), ...key.map((column) => valueOf(row, column)))
  }

  const evictAll = (): void => {
    absent.evict(slots.keys())
    slots.clear()
  }

  const cache: RowCache<R, K> = {
    get: (...of) => slotOf(of)?.row,
    change: (...of) => {
      const slot = slotOf(of)
      if (slot === undefined) return undefined
      if (!slot.isChanged) changed.push(slot)
      slot.isChanged = true
      return slot.row
    },
    add: (row) => {
      const slot = { key: keyOf(key.map((column) => String(row[column]))), row, before: undefined, isChanged: true }
      slots.set(slot.key, slot)
      changed.push(slot)
      return row
    },
    isComplete: absent.isComplete,
    flush: () => {
      // Numbered rows keep the order of their insertion.
      if (exclusive && isClustered) changed.sort(byKey)
      const whole: R[] = []
      for (const slot of changed) {
        if (slot.before === undefined) whole.push(slot.row)
        else update(slot.before, slot.row)
        slot.isChanged = false
      }
      write(whole)
      changed = []
      if (!exclusive || slots.size > most) evictAll()
    },
    discard: () => {
      changed = []
      absent.invalidate()
      evictAll()
    },
  }
  context.register(cache)
  return cache
}
