import type { Database } from 'better-sqlite3'
import type { Held, Rows } from '../cache/row-cache.ts'

/** Somebody who reads: where they signed in first, and the two numbers whose difference is what is unread. */
export interface ReaderRow {
  readonly reader: string
  scope: string
  readonly position: number
  fresh: number
  caught_up: number
}

/** The first of these rows, in the order of positions, that stands at or behind one. */
const firstFrom = (rows: readonly Readonly<ReaderRow>[], position: number): number => {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.position ?? 0) < position) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Who reads with the eyes of a scope, by where they signed in first: asked of the table, or of memory where that saw
 * every reader.
 */
export const readersOfScopes = (db: Database, readers: Rows<ReaderRow> & Held, alone: boolean) => {
  // readers_of_scope
  const between = db
    .prepare<[string, number, number], string>(
      'SELECT reader FROM readers WHERE scope = ? AND position >= ? AND position < ?',
    )
    .pluck()
  const scopes = new Map<string, Readonly<ReaderRow>[]>()

  return {
    joined: (row: Readonly<ReaderRow>): void => {
      if (!alone) return
      const rows = scopes.get(row.scope)
      if (rows === undefined) scopes.set(row.scope, [row])
      else rows.splice(firstFrom(rows, row.position), 0, row)
    },
    left: (row: Readonly<ReaderRow>): void => {
      const rows = scopes.get(row.scope) ?? []
      const at = rows.findIndex(({ reader }) => reader === row.reader)
      if (at >= 0) rows.splice(at, 1)
    },
    /** From one position, and before another. */
    signedInBetween: (scope: string, from: number, to: number): readonly Readonly<ReaderRow>[] => {
      if (readers.sawAll()) {
        const rows = scopes.get(scope) ?? []
        return rows.slice(firstFrom(rows, from), firstFrom(rows, to))
      }
      readers.settle()
      return between.all(scope, from, to).flatMap((reader) => readers.get(reader) ?? [])
    },
  }
}
