import type { Database, Statement } from 'better-sqlite3'
import { pastOf } from './negative-cache.ts'
import { rowWriter, valueOf, type Value } from './row-writer.ts'

/** A table as its handlers hold it: rows by their key, read when first asked for, written once for a batch. */
export interface Rows<R> {
  readonly get: (...key: readonly string[]) => Readonly<R> | undefined
  /** The row of a key, to be changed and written with the batch. */
  readonly change: (...key: readonly string[]) => R | undefined
  /** A new row, to be written with the batch; the caller may go on changing it until then. */
  readonly add: (row: R) => R
  /** Whether nobody else writes to the table, and it was empty: then all that ever stood in it went by here. */
  readonly sawAll: () => boolean
}

/** What holds rows in memory: the batch's end is to write them, and what anybody else may have changed is to be forgotten. */
export interface Held {
  readonly settle: () => void
  readonly forget: () => void
}

/** A row in memory. `before` is as it stands in the table, where each column that is written costs its indexes. */
interface Slot<R> {
  readonly name: string
  readonly row: R
  readonly before: R | undefined
  isChanged: boolean
}

/** Beyond so many rows of a table, those that are written are forgotten even where nobody else writes. */
const most = 20_000

/** In the order in which a table that lies by its key holds them. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/**
 * Holds a table's rows by their text keys. `alone`: nobody else writes to the file while it is open, so rows stay in
 * memory from batch to batch, and of a table that was empty what never went by is not there: it is not looked up.
 */
export const holdRows = <R extends object>(
  db: Database,
  table: string,
  key: readonly (keyof R & string)[],
  others: readonly (keyof R & string)[],
  alone: boolean,
): Rows<R> & Held => {
  const columns = [...key, ...others]
  const where = key.map((column) => `${column} = ?`).join(' AND ')
  // the primary key, or a unique index over the same columns
  const find = db.prepare<string[], R>(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${where}`)
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ')
  const onConflict = others.length === 0 ? 'DO NOTHING' : `(${key.join(', ')}) DO UPDATE SET ${set}`
  const write = rowWriter<R>(db, table, columns, onConflict)
  const updates = new Map<string, Statement<Value[]>>()
  /** Rows that lie by their key are written in its order; numbered ones in the order in which they were made. */
  const [shape] = db.pragma(`table_list(${table})`) as { readonly wr: number }[]
  const isClustered = shape?.wr === 1
  const held = new Map<string, Slot<R>>()
  let changed: Slot<R>[] = []
  const past = pastOf(db, table, alone)

  const nameOf = (of: readonly string[]): string => (of.length === 1 ? (of[0] ?? '') : of.join('\u0000'))

  const slotOf = (of: readonly string[]): Slot<R> | undefined => {
    const name = nameOf(of)
    const known = held.get(name)
    if (known !== undefined || past.neverHad(name)) return known
    const row = find.get(...of)
    if (row === undefined) return undefined
    const slot = { name, row, before: alone ? undefined : { ...row }, isChanged: false }
    held.set(name, slot)
    return slot
  }

  /** Only the columns that changed. */
  const update = (before: R, row: R): void => {
    const news = others.filter((column) => before[column] !== row[column])
    if (news.length === 0) return
    const text = news.map((column) => `${column} = ?`).join(', ')
    let statement = updates.get(text)
    if (statement === undefined) {
      statement = db.prepare<Value[]>(`UPDATE ${table} SET ${text} WHERE ${where}`)
      updates.set(text, statement)
    }
    statement.run(...news.map((column) => valueOf(row, column)), ...key.map((column) => valueOf(row, column)))
  }

  const empty = (): void => {
    past.leave(held.keys())
    held.clear()
  }

  return {
    get: (...of) => slotOf(of)?.row,
    change: (...of) => {
      const slot = slotOf(of)
      if (slot === undefined) return undefined
      if (!slot.isChanged) changed.push(slot)
      slot.isChanged = true
      return slot.row
    },
    add: (row) => {
      const slot = { name: nameOf(key.map((column) => String(row[column]))), row, before: undefined, isChanged: true }
      held.set(slot.name, slot)
      changed.push(slot)
      return row
    },
    sawAll: past.isWhole,
    settle: () => {
      if (alone && isClustered) changed.sort(byName)
      const whole: R[] = []
      for (const slot of changed) {
        if (slot.before === undefined) whole.push(slot.row)
        else update(slot.before, slot.row)
        slot.isChanged = false
      }
      write(whole)
      changed = []
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      changed = []
      past.lose()
      empty()
    },
  }
}

/** Several tables as one. */
export const together = (...tables: readonly Held[]): Held => ({
  settle: () => {
    for (const { settle } of tables) settle()
  },
  forget: () => {
    for (const { forget } of tables) forget()
  },
})
