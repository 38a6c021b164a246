import type { Database } from 'better-sqlite3'
import type { PersonId, TicketId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import { lruCache } from '../cache/lru-cache.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, integer, textOf, type RowOf } from '../cache/table.ts'
import { everyAccount, type Scope } from '../scope.ts'
import { readerRows, readersByScope } from './readers-by-scope.ts'

/** Up to which version each person has read each ticket. */
const cursorRows = defineTable(
  'cursors',
  { ticket: textOf<TicketId>(), reader: textOf<PersonId>(), version: integer },
  { key: ['ticket', 'reader'] },
)

/**
 * A ticket's last comment by the other side. Support sees all accounts: its row has the scope of all accounts and moves
 * with customers' comments. The account's row moves with support's comments.
 */
const lastCommentRows = defineTable(
  'last_comments',
  { ticket: textOf<TicketId>(), scope: textOf<Scope>(), version: integer, position: integer },
  { key: ['ticket', 'scope'] },
)

type LastComment = RowOf<typeof lastCommentRows>

export const readingTables = `${readerRows.sql}
  CREATE INDEX readers_of_scope ON readers (scope, position);
  ${cursorRows.sql}${lastCommentRows.sql}`

/** Used by queries, and when a reader changes scope, which is rare. */
export const commentsByScope = 'CREATE INDEX IF NOT EXISTS last_comments_of_scope ON last_comments (scope, position);'

interface Counted {
  readonly scope: Scope
  readonly unread: number
}

// last_comments_of_scope: reads only what came after the first sign-in
const counting = `SELECT count(*) FROM readers r JOIN last_comments l ON l.scope = ? AND l.position > r.position
  LEFT JOIN cursors c ON c.ticket = l.ticket AND c.reader = r.reader
  WHERE r.reader = ? AND l.version > coalesce(c.version, 0)`

/** Commented since the first sign-in, and read up to that comment. */
const isCaughtUp = (last: Pick<LastComment, 'version' | 'position'>, signedIn: number, cursor: number): boolean =>
  last.position > signedIn && cursor >= last.version

/**
 * Keeps each reader's number of unread tickets, `fresh` - `caught_up`, as events arrive, instead of counting
 * (docs/adr/0019-counts-are-kept.md). A comment touches those who first signed in after the side's previous comment,
 * usually nobody after the first one, and those who have read the ticket. In a rebuild `most` tickets are held in
 * memory; the tables answer for others.
 */
export const unreadCounts = (context: CacheContext, most = 50_000) => {
  const { db, exclusive } = context
  const readers = rowCache(context, readerRows)
  const cursors = rowCache(context, cursorRows)
  const lastComments = rowCache(context, lastCommentRows)
  const scopes = readersByScope(context, readers)
  const count = db.prepare<[Scope, PersonId], number>(counting).pluck()
  // the primary key of cursors
  const findReaders = db.prepare<[TicketId], PersonId>('SELECT reader FROM cursors WHERE ticket = ?').pluck()
  /** Who has read each ticket, where every cursor passed through the cache. */
  const readersOf = lruCache<readonly PersonId[]>(most)
  const findAccount = db
    .prepare<[TicketId], Scope>(`SELECT scope FROM last_comments WHERE ticket = ? AND scope <> '${everyAccount}'`)
    .pluck()
  /** The account of each ticket, likewise. */
  const accounts = lruCache<Scope>(most)
  let isIndexed = !exclusive

  const readersOfTicket = (ticket: TicketId): readonly PersonId[] => {
    const known = cursors.isComplete() ? readersOf.get(ticket) : undefined
    if (known !== undefined) return known
    if (cursors.isComplete() && !readersOf.wasEvicted(ticket)) return []
    cursors.flush()
    return findReaders.all(ticket)
  }
  const addCaughtUp = (reader: PersonId, by: number): void => {
    const row = by === 0 ? undefined : readers.change(reader)
    if (row !== undefined) row.caught_up += by
  }

  return {
    /** A ticket without comments yet, for both sides: `account` is the scope of its account. */
    opened: (ticket: TicketId, account: Scope): void => {
      for (const scope of [everyAccount, account]) lastComments.add({ ticket, scope, version: 0, position: 0 })
      if (lastComments.isComplete()) accounts.set(ticket, account)
    },
    /** The scope of the ticket's account; undefined for an unknown ticket. */
    accountOf: (ticket: TicketId): Scope | undefined => {
      const known = lastComments.isComplete() ? accounts.get(ticket) : undefined
      if (known !== undefined || (lastComments.isComplete() && !accounts.wasEvicted(ticket))) return known
      lastComments.flush()
      return findAccount.get(ticket)
    },
    /** The first sign-in counts; a later one may be in another account or role. */
    signedIn: (reader: PersonId, scope: Scope, position: number): void => {
      const known = readers.get(reader)
      if (known === undefined) {
        scopes.joined(readers.add({ reader, scope, position, fresh: 0, caught_up: 0 }))
        return
      }
      if (known.scope === scope) return
      // A rebuild makes this index last, unless it is needed before.
      if (!isIndexed) db.exec(commentsByScope)
      isIndexed = true
      for (const cache of [readers, cursors, lastComments]) cache.flush()
      const row = readers.change(reader)
      if (row === undefined) return
      scopes.left(row)
      row.scope = scope
      // Both move by differences from here on, so only their difference has to be right.
      row.fresh = count.get(scope, reader) ?? 0
      row.caught_up = 0
      scopes.joined(row)
    },
    seen: (reader: PersonId, ticket: TicketId, version: number): void => {
      const before = cursors.change(ticket, reader)
      const cursor = before?.version ?? 0
      const row = readers.get(reader)
      const last = row === undefined ? undefined : lastComments.get(ticket, row.scope)
      if (row !== undefined && last !== undefined) {
        const after = Math.max(cursor, version)
        const by = Number(isCaughtUp(last, row.position, after)) - Number(isCaughtUp(last, row.position, cursor))
        addCaughtUp(reader, by)
      }
      if (before === undefined) {
        const others = cursors.isComplete() ? readersOfTicket(ticket) : []
        cursors.add({ ticket, reader, version })
        if (cursors.isComplete()) readersOf.set(ticket, [...others, reader])
      } else before.version = Math.max(cursor, version)
    },
    /** Moves the last comment that `scope` sees to this version and position. */
    commented: (ticket: TicketId, scope: Scope, version: number, position: number): void => {
      const last = lastComments.change(ticket, scope)
      if (last === undefined) return
      for (const { reader } of scopes.signedInBetween(scope, last.position, position)) {
        const row = readers.change(reader)
        if (row !== undefined) row.fresh++
      }
      for (const reader of readersOfTicket(ticket)) {
        const row = readers.get(reader)
        if (row?.scope !== scope) continue
        const cursor = cursors.get(ticket, reader)?.version ?? 0
        const isNow = isCaughtUp({ version, position }, row.position, cursor)
        addCaughtUp(reader, Number(isNow) - Number(isCaughtUp(last, row.position, cursor)))
      }
      last.version = version
      last.position = position
    },
  }
}

/** The number of unread tickets of a reader in a scope. */
export const unreadQuery = (db: Database): ((reader: PersonId, scope: Scope) => number) => {
  const counted = db.prepare<[PersonId], Counted>(
    'SELECT scope, fresh - caught_up AS unread FROM readers WHERE reader = ?',
  )
  const count = db.prepare<[Scope, PersonId], number>(counting).pluck()
  return (reader, scope) => {
    const kept = counted.get(reader)
    if (kept === undefined) return 0
    return kept.scope === scope ? kept.unread : (count.get(scope, reader) ?? 0)
  }
}
