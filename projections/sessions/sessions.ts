import { rowCache } from '../cache/row-cache.ts'
import { defineTable, text } from '../cache/table.ts'
import type { Projection } from '../projection.ts'

interface SessionQueries {
  /** Whether this session was ended by a sign-out. */
  readonly isOver: (session: string) => boolean
}

const endedSessions = defineTable('ended_sessions', { session: text }, { key: ['session'] })

/** Sessions that were ended. Rows are small and are never removed, so no clock decides when a token becomes valid again. */
export const sessions: Projection<SessionQueries> = {
  name: 'sessions',
  version: 1,
  tables: endedSessions.sql,
  on: (context) => {
    const ended = rowCache(context, endedSessions)
    return {
      SignedOut: ({ data: { session } }) => {
        if (ended.get(session) === undefined) ended.add({ session })
      },
    }
  },
  queries: (db) => {
    // the primary key
    const find = db.prepare<[string], number>('SELECT 1 FROM ended_sessions WHERE session = ?').pluck()
    return { isOver: (session) => find.get(session) === 1 }
  },
}
