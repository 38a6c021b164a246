import type { Database } from 'better-sqlite3'
import type { Handlers, Projection } from '../projection.ts'
import { holdRows } from '../cache/row-cache.ts'

interface SessionQueries {
  /** Whether somebody ended this session. */
  readonly isOver: (session: string) => boolean
}

interface Row {
  readonly session: string
}

const handlers = (db: Database, alone = false): Handlers => {
  const rows = holdRows<Row>(db, 'ended_sessions', ['session'], [], alone)
  return {
    settle: rows.settle,
    forget: rows.forget,
    SignedOut: ({ data: { session } }) => {
      if (rows.get(session) === undefined) rows.add({ session })
    },
  }
}

/** Sessions that were ended, for good: a row is small, and no clock has to be believed about when it may go. */
export const sessions: Projection<SessionQueries> = {
  name: 'sessions',
  version: 1,
  tables: 'CREATE TABLE ended_sessions (session TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;',
  on: handlers,
  queries: (db) => {
    // the primary key
    const find = db.prepare<[string], number>('SELECT 1 FROM ended_sessions WHERE session = ?').pluck()
    return { isOver: (session) => find.get(session) === 1 }
  },
}
