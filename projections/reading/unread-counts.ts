import type { Database } from 'better-sqlite3'
import type { PersonId, TicketId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import { lruCache } from '../cache/lru-cache.ts'
import { rowCache, type RowCache } from '../cache/row-cache.ts'
import { defineTable, integer, textOf, type RowOf } from '../cache/table.ts'
import { everyAccount, type AccountScope } from '../scope.ts'

/** Everyone who signed in: their scope, and two counters whose difference is their number of unread tickets. */
const readerRows = defineTable(
  'readers',
  {
    reader: textOf<PersonId>(),
    scope: textOf<AccountScope>(),
    // of the first sign-in: what is older is not unread
    position: integer,
    // tickets with a comment of the other side since then
    commented: integer,
    // those of them that were read up to that comment
    read: integer,
  },
  { key: ['reader'] },
)

type ReaderRow = RowOf<typeof readerRows>

/** Up to which version each person has read each ticket. */
const markRows = defineTable(
  'reading_marks',
  { ticket: textOf<TicketId>(), reader: textOf<PersonId>(), version: integer },
  { key: ['ticket', 'reader'] },
)

/**
 * A ticket's last comment by the other side. Support sees all accounts: its row has the scope of all accounts and moves
 * with customers' comments. The account's row moves with support's comments.
 */
const lastCommentRows = defineTable(
  'last_comments',
  { ticket: textOf<TicketId>(), scope: textOf<AccountScope>(), version: integer, position: integer },
  { key: ['ticket', 'scope'] },
)

type LastComment = RowOf<typeof lastCommentRows>

export const readingTables = `${readerRows.sql}
  CREATE INDEX readers_of_scope ON readers (scope, position);
  ${markRows.sql}${lastCommentRows.sql}`

/** Used by queries, and when a reader changes scope, which is rare. */
export const commentsByScope = 'CREATE INDEX IF NOT EXISTS last_comments_of_scope ON last_comments (scope, position);'

interface Counted {
  readonly scope: AccountScope
  readonly unread: number
}

// last_comments_of_scope: reads only what came after the first sign-in
const counting = `SELECT count(*) FROM readers r JOIN last_comments l ON l.scope = ? AND l.position > r.position
  LEFT JOIN reading_marks m ON m.ticket = l.ticket AND m.reader = r.reader
  WHERE r.reader = ? AND l.version > coalesce(m.version, 0)`

/** Commented since the first sign-in, and read up to that comment. */
const isRead = (last: Pick<LastComment, 'version' | 'position'>, signedIn: number, mark: number): boolean =>
  last.position > signedIn && mark >= last.version

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
const readersByScope = ({ db, exclusive }: CacheContext, readers: RowCache<ReaderRow, readonly [PersonId]>) => {
  // readers_of_scope
  const between = db
    .prepare<[AccountScope, number, number], PersonId>(
      'SELECT reader FROM readers WHERE scope = ? AND position >= ? AND position < ?',
    )
    .pluck()
  const scopes = new Map<AccountScope, Readonly<ReaderRow>[]>()

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
    signedInBetween: (scope: AccountScope, from: number, to: number): readonly Readonly<ReaderRow>[] => {
      if (readers.isComplete()) {
        const rows = scopes.get(scope) ?? []
        return rows.slice(firstFrom(rows, from), firstFrom(rows, to))
      }
      readers.flush()
      return between.all(scope, from, to).flatMap((reader) => readers.get(reader) ?? [])
    },
  }
}

/**
 * Keeps each reader's number of unread tickets, `commented` - `read`, as events arrive, instead of counting
 * (docs/adr/0019-counts-are-kept.md). A comment touches those who first signed in after the side's previous comment,
 * usually nobody after the first one, and those who have read the ticket. In a rebuild `most` tickets are held in
 * memory; the tables answer for others.
 */
export const unreadCounts = (context: CacheContext, most = 50_000) => {
  const { db, exclusive } = context
  const readers = rowCache(context, readerRows)
  const marks = rowCache(context, markRows)
  const lastComments = rowCache(context, lastCommentRows)
  const scopes = readersByScope(context, readers)
  const count = db.prepare<[AccountScope, PersonId], number>(counting).pluck()
  // the primary key of reading_marks
  const findReaders = db.prepare<[TicketId], PersonId>('SELECT reader FROM reading_marks WHERE ticket = ?').pluck()
  /** Who has read each ticket, where every reading mark passed through the cache. */
  const readersOf = lruCache<readonly PersonId[]>(most)
  const findAccount = db
    .prepare<[TicketId], AccountScope>(
      `SELECT scope FROM last_comments WHERE ticket = ? AND scope <> '${everyAccount}'`,
    )
    .pluck()
  /** The account of each ticket, likewise. */
  const accounts = lruCache<AccountScope>(most)
  let isIndexed = !exclusive

  const readersOfTicket = (ticket: TicketId): readonly PersonId[] => {
    const known = marks.isComplete() ? readersOf.get(ticket) : undefined
    if (known !== undefined) return known
    if (marks.isComplete() && !readersOf.wasEvicted(ticket)) return []
    marks.flush()
    return findReaders.all(ticket)
  }
  const addRead = (reader: PersonId, by: number): void => {
    const row = by === 0 ? undefined : readers.change(reader)
    if (row !== undefined) row.read += by
  }

  return {
    /** A ticket without comments yet, for both sides: `account` is the scope of its account. */
    opened: (ticket: TicketId, account: AccountScope): void => {
      for (const scope of [everyAccount, account]) lastComments.add({ ticket, scope, version: 0, position: 0 })
      if (lastComments.isComplete()) accounts.set(ticket, account)
    },
    /** The scope of the ticket's account; undefined for an unknown ticket. */
    accountOf: (ticket: TicketId): AccountScope | undefined => {
      const known = lastComments.isComplete() ? accounts.get(ticket) : undefined
      if (known !== undefined || (lastComments.isComplete() && !accounts.wasEvicted(ticket))) return known
      lastComments.flush()
      return findAccount.get(ticket)
    },
    /** The first sign-in counts; a later one may be in another account or role. */
    signedIn: (reader: PersonId, scope: AccountScope, position: number): void => {
      const known = readers.get(reader)
      if (known === undefined) {
        scopes.joined(readers.add({ reader, scope, position, commented: 0, read: 0 }))
        return
      }
      if (known.scope === scope) return
      // A rebuild makes this index last, unless it is needed before.
      if (!isIndexed) db.exec(commentsByScope)
      isIndexed = true
      for (const cache of [readers, marks, lastComments]) cache.flush()
      const row = readers.change(reader)
      if (row === undefined) return
      scopes.left(row)
      row.scope = scope
      // Both move by differences from here on, so only their difference has to be right.
      row.commented = count.get(scope, reader) ?? 0
      row.read = 0
      scopes.joined(row)
    },
    seen: (reader: PersonId, ticket: TicketId, version: number): void => {
      const before = marks.change(ticket, reader)
      const mark = before?.version ?? 0
      const row = readers.get(reader)
      const last = row === undefined ? undefined : lastComments.get(ticket, row.scope)
      if (row !== undefined && last !== undefined) {
        const after = Math.max(mark, version)
        const by = Number(isRead(last, row.position, after)) - Number(isRead(last, row.position, mark))
        addRead(reader, by)
      }
      if (before === undefined) {
        const others = marks.isComplete() ? readersOfTicket(ticket) : []
        marks.add({ ticket, reader, version })
        if (marks.isComplete()) readersOf.set(ticket, [...others, reader])
      } else before.version = Math.max(mark, version)
    },
    /** Moves the last comment that `scope` sees to this version and position. */
    commented: (ticket: TicketId, scope: AccountScope, version: number, position: number): void => {
      const last = lastComments.change(ticket, scope)
      if (last === undefined) return
      for (const { reader } of scopes.signedInBetween(scope, last.position, position)) {
        const row = readers.change(reader)
        if (row !== undefined) row.commented++
      }
      for (const reader of readersOfTicket(ticket)) {
        const row = readers.get(reader)
        if (row?.scope !== scope) continue
        const mark = marks.get(ticket, reader)?.version ?? 0
        const isNow = isRead({ version, position }, row.position, mark)
        addRead(reader, Number(isNow) - Number(isRead(last, row.position, mark)))
      }
      last.version = version
      last.position = position
    },
  }
}

/** The number of unread tickets of a reader in a scope. */
export const unreadQuery = (db: Database): ((reader: PersonId, scope: AccountScope) => number) => {
  const counted = db.prepare<[PersonId], Counted>(
    'SELECT scope, commented - read AS unread FROM readers WHERE reader = ?',
  )
  const count = db.prepare<[AccountScope, PersonId], number>(counting).pluck()
  return (reader, scope) => {
    const kept = counted.get(reader)
    if (kept === undefined) return 0
    return kept.scope === scope ? kept.unread : (count.get(scope, reader) ?? 0)
  }
}
