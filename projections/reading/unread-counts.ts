import type { Database } from 'better-sqlite3'
import { readersOfScopes, type ReaderRow } from './readers-by-scope.ts'
import { recent } from '../cache/lru-cache.ts'
import { holdRows, together, type Held } from '../cache/row-cache.ts'
import { everyAccount } from '../scope.ts'

/** The other side's last comment on a ticket, as those of a scope read it. */
interface Place {
  readonly ticket: string
  readonly scope: string
  version: number
  position: number
}

interface Cursor {
  readonly ticket: string
  readonly reader: string
  version: number
}

interface Counted {
  readonly scope: string
  readonly unread: number
}

// last_comments_of_scope: only what came after the first sign-in is looked at
const counting = `SELECT count(*) FROM readers r JOIN last_comments l ON l.scope = ? AND l.position > r.position
  LEFT JOIN cursors c ON c.ticket = l.ticket AND c.reader = r.reader
  WHERE r.reader = ? AND l.version > coalesce(c.version, 0)`

/** Commented since the first sign-in, and read up to that comment. */
const isCaughtUp = (last: Pick<Place, 'version' | 'position'>, baseline: number, cursor: number): boolean =>
  last.position > baseline && cursor >= last.version

/**
 * How many tickets are unread for each reader, moved with the events instead of counted (architecture, decision 13):
 * unread = `fresh` - `caught_up`. A comment touches those who signed in after the side's last one, as a rule nobody but
 * on the first comment, and those who have looked at the ticket. Of the past, `most` tickets are held, and others asked of
 * the tables.
 */
export const unreadCounts = (db: Database, alone: boolean, most = 50_000) => {
  const readers = holdRows<ReaderRow>(db, 'readers', ['reader'], ['scope', 'position', 'fresh', 'caught_up'], alone)
  const cursors = holdRows<Cursor>(db, 'cursors', ['ticket', 'reader'], ['version'], alone)
  const places = holdRows<Place>(db, 'last_comments', ['ticket', 'scope'], ['version', 'position'], alone)
  const scopes = readersOfScopes(db, readers, alone)
  const count = db.prepare<[string, string], number>(counting).pluck()
  // the primary key of cursors
  const looked = db.prepare<[string], string>('SELECT reader FROM cursors WHERE ticket = ?').pluck()
  /** Who has looked at each ticket, where all of them went by here. */
  const lookers = recent<readonly string[]>(most)
  const findAccount = db
    .prepare<[string], string>(`SELECT scope FROM last_comments WHERE ticket = ? AND scope <> '${everyAccount}'`)
    .pluck()
  /** The account of each ticket, likewise. */
  const accounts = recent<string>(most)
  let isIndexed = !alone

  const whoLooked = (ticket: string): readonly string[] => {
    const known = cursors.sawAll() ? lookers.get(ticket) : undefined
    if (known !== undefined) return known
    if (cursors.sawAll() && !lookers.isGone(ticket)) return []
    cursors.settle()
    return looked.all(ticket)
  }
  const moveBy = (reader: string, by: number): void => {
    const row = by === 0 ? undefined : readers.change(reader)
    if (row !== undefined) row.caught_up += by
  }
  const all: Held = together(readers, cursors, places)

  return {
    ...all,
    /** A ticket's places for both sides, before any comment. */
    opened: (ticket: string, account: string): void => {
      for (const scope of [everyAccount, account]) places.add({ ticket, scope, version: 0, position: 0 })
      if (places.sawAll()) accounts.set(ticket, account)
    },
    /** The scope of the ticket's account; undefined where there is no such ticket. */
    accountOf: (ticket: string): string | undefined => {
      const known = places.sawAll() ? accounts.get(ticket) : undefined
      if (known !== undefined || (places.sawAll() && !accounts.isGone(ticket))) return known
      places.settle()
      return findAccount.get(ticket)
    },
    /** The first sign-in; a later one may be as somebody of another account. */
    signedIn: (reader: string, scope: string, position: number): void => {
      const known = readers.get(reader)
      if (known === undefined) {
        scopes.joined(readers.add({ reader, scope, position, fresh: 0, caught_up: 0 }))
        return
      }
      if (known.scope === scope) return
      // In a rebuild there is no index until somebody asks.
      if (!isIndexed) db.exec(placesByScope)
      isIndexed = true
      all.settle()
      const row = readers.change(reader)
      if (row === undefined) return
      scopes.left(row)
      row.scope = scope
      // From here on both move by differences, so that only their difference has to be right.
      row.fresh = count.get(scope, reader) ?? 0
      row.caught_up = 0
      scopes.joined(row)
    },
    seen: (reader: string, ticket: string, version: number): void => {
      const before = cursors.change(ticket, reader)
      const cursor = before?.version ?? 0
      const row = readers.get(reader)
      const place = row === undefined ? undefined : places.get(ticket, row.scope)
      if (row !== undefined && place !== undefined) {
        const after = Math.max(cursor, version)
        moveBy(reader, Number(isCaughtUp(place, row.position, after)) - Number(isCaughtUp(place, row.position, cursor)))
      }
      if (before === undefined) {
        const others = cursors.sawAll() ? whoLooked(ticket) : []
        cursors.add({ ticket, reader, version })
        if (cursors.sawAll()) lookers.set(ticket, [...others, reader])
      } else before.version = Math.max(cursor, version)
    },
    /** The side's last comment moves to this version and position. */
    commented: (ticket: string, scope: string, version: number, position: number): void => {
      const place = places.change(ticket, scope)
      if (place === undefined) return
      for (const { reader } of scopes.signedInBetween(scope, place.position, position)) {
        const row = readers.change(reader)
        if (row !== undefined) row.fresh++
      }
      for (const reader of whoLooked(ticket)) {
        const row = readers.get(reader)
        if (row?.scope !== scope) continue
        const cursor = cursors.get(ticket, reader)?.version ?? 0
        const isNow = isCaughtUp({ version, position }, row.position, cursor)
        moveBy(reader, Number(isNow) - Number(isCaughtUp(place, row.position, cursor)))
      }
      place.version = version
      place.position = position
    },
  }
}

/** How many tickets are unread for somebody of a scope. */
export const unreadQuery = (db: Database): ((reader: string, scope: string) => number) => {
  const counted = db.prepare<[string], Counted>(
    'SELECT scope, fresh - caught_up AS unread FROM readers WHERE reader = ?',
  )
  const count = db.prepare<[string, string], number>(counting).pluck()
  return (reader, scope) => {
    const kept = counted.get(reader)
    if (kept === undefined) return 0
    return kept.scope === scope ? kept.unread : (count.get(scope, reader) ?? 0)
  }
}

/** Only queries use it, and the rare reader who changes sides. */
export const placesByScope = 'CREATE INDEX IF NOT EXISTS last_comments_of_scope ON last_comments (scope, position);'
