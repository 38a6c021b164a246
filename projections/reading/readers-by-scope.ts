import type { PersonId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import type { RowCache } from '../cache/row-cache.ts'
import { defineTable, integer, textOf, type RowOf } from '../cache/table.ts'
import type { Scope } from '../scope.ts'

/** Everyone who signed in: their scope, and two counters whose difference is their number of unread tickets. */
export const readerRows = defineTable(
  'readers',
  {
    reader: textOf<PersonId>(),
    scope: textOf<Scope>(),
    // of the first sign-in: what is older is not unread
    position: integer,
    // tickets with a comment of the other side since then
    fresh: integer,
    // those of them that were read up to that comment
    caught_up: integer,
  },
  { key: ['reader'] },
)

export type ReaderRow = RowOf<typeof readerRows>

/** The index of the first row at or after a position, in rows ordered by position. */
const firstFrom = (rows: readonly Readonly<ReaderRow>[], position: number): number => {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.position ?? 0) < position) low = middle + 1
    else high = middle
  }
  return low
}

/** The readers of each scope by their first sign-in: from the table, or from memory where the cache saw every reader. */
export const readersByScope = ({ db, exclusive }: CacheContext, readers: RowCache<ReaderRow, readonly [PersonId]>) => {
  // readers_of_scope
  const between = db
    .prepare<[Scope, number, number], PersonId>(
      'SELECT reader FROM readers WHERE scope = ? AND position >= ? AND position < ?',
    )
    .pluck()
  const scopes = new Map<Scope, Readonly<ReaderRow>[]>()

  return {
    joined: (row: Readonly<ReaderRow>): void => {
      if (!exclusive) return
      const rows = scopes.get(row.scope)
      if (rows === undefined) scopes.set(row.scope, [row])
      else rows.splice(firstFrom(rows, row.position), 0, row)
    },
    left: (row: Readonly<ReaderRow>): void => {
      const rows = scopes.get(row.scope) ?? []
      const at = rows.findIndex(({ reader }) => reader === row.reader)
      if (at >= 0) rows.splice(at, 1)
    },
    /** `from` included, `to` excluded. */
    signedInBetween: (scope: Scope, from: number, to: number): readonly Readonly<ReaderRow>[] => {
      if (readers.isComplete()) {
        const rows = scopes.get(scope) ?? []
        return rows.slice(firstFrom(rows, from), firstFrom(rows, to))
      }
      readers.flush()
      return between.all(scope, from, to).flatMap((reader) => readers.get(reader) ?? [])
    },
  }
}
