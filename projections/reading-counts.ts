import type { Database } from 'better-sqlite3'

interface Place {
  readonly version: number
  readonly position: number
}

interface Marks {
  readonly reader: string
  /** What the reader has read up to. */
  readonly cursor: number
  /** The reader's first sign-in. */
  readonly baseline: number
}

interface Counted {
  readonly scope: string
  readonly unread: number
}

/** Commented since the first sign-in, and read up to that comment. */
const isCaughtUp = (last: Place, { cursor, baseline }: Pick<Marks, 'cursor' | 'baseline'>): boolean =>
  last.position > baseline && cursor >= last.version

/**
 * How many tickets are unread for each reader, moved with the events instead of counted (architecture, decision 13):
 * unread = `fresh` - `caught_up`. A comment touches those who signed in after the side's last one, as a rule nobody but
 * on the first comment, and those who have looked at the ticket.
 */
export const unreadCounts = (db: Database) => {
  const add = db.prepare('INSERT INTO readers (reader, scope, position) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const scopeOfReader = db.prepare<[string], string>('SELECT scope FROM readers WHERE reader = ?').pluck()
  // readers_of_scope
  const freshFor = db.prepare('UPDATE readers SET fresh = fresh + 1 WHERE scope = ? AND position >= ? AND position < ?')
  const move = db.prepare('UPDATE readers SET caught_up = caught_up + ? WHERE reader = ?')
  // the primary key of last_comments
  const lastOf = db.prepare<[string, string], Place>(
    'SELECT version, position FROM last_comments WHERE ticket = ? AND scope = ?',
  )
  // the primary key of cursors
  const whoLooked = db.prepare<[string, string], Marks>(
    `SELECT c.reader, c.version AS cursor, r.position AS baseline FROM cursors c JOIN readers r ON r.reader = c.reader
     WHERE c.ticket = ? AND r.scope = ?`,
  )
  const lookOf = db.prepare<[string, string], Place & Marks>(
    `SELECT r.reader, l.version, l.position, r.position AS baseline, coalesce(c.version, 0) AS cursor
     FROM readers r JOIN last_comments l ON l.scope = r.scope
     LEFT JOIN cursors c ON c.ticket = l.ticket AND c.reader = r.reader WHERE r.reader = ? AND l.ticket = ?`,
  )
  const counted = db.prepare<[string], Counted>(
    'SELECT scope, fresh - caught_up AS unread FROM readers WHERE reader = ?',
  )
  // last_comments_of_scope: only what came after the first sign-in is looked at
  const counting = db
    .prepare<[string, string], number>(
      `SELECT count(*) FROM readers r JOIN last_comments l ON l.scope = ? AND l.position > r.position
       LEFT JOIN cursors c ON c.ticket = l.ticket AND c.reader = r.reader
       WHERE r.reader = ? AND l.version > coalesce(c.version, 0)`,
    )
    .pluck()
  // From here on both move by differences, so that only their difference has to be right.
  const changeSide = db.prepare('UPDATE readers SET scope = ?, fresh = ?, caught_up = 0 WHERE reader = ?')

  return {
    /** The first sign-in; a later one may be as somebody of another account. */
    signedIn: (reader: string, scope: string, position: number): void => {
      add.run(reader, scope, position)
      if (scopeOfReader.get(reader) !== scope) changeSide.run(scope, counting.get(scope, reader) ?? 0, reader)
    },
    seen: (reader: string, ticket: string, version: number): void => {
      const look = lookOf.get(reader, ticket)
      if (look === undefined) return
      const after = { ...look, cursor: Math.max(look.cursor, version) }
      const by = Number(isCaughtUp(look, after)) - Number(isCaughtUp(look, look))
      if (by !== 0) move.run(by, reader)
    },
    /** The side's last comment moves to `now`; `last_comments` still says where it stood. */
    commented: (ticket: string, scope: string, now: Place): void => {
      const before = lastOf.get(ticket, scope)
      if (before === undefined) return
      freshFor.run(scope, before.position, now.position)
      for (const marks of whoLooked.all(ticket, scope)) {
        const by = Number(isCaughtUp(now, marks)) - Number(isCaughtUp(before, marks))
        if (by !== 0) move.run(by, marks.reader)
      }
    },
    unreadIn: (reader: string, scope: string): number => {
      const kept = counted.get(reader)
      if (kept === undefined) return 0
      return kept.scope === scope ? kept.unread : (counting.get(scope, reader) ?? 0)
    },
  }
}
