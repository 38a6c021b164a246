import type { PersonId } from '../../domain/ids.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, text } from '../cache/table.ts'
import type { Projection } from '../projection.ts'

/** What a session is ended by. */
export interface SessionRef {
  readonly id: string
  readonly providerSession: string | null
  readonly person: PersonId
  /** In ms since 1970. */
  readonly beganAt: number
}

interface SessionQueries {
  /** Whether this session was ended. */
  readonly isOver: (session: SessionRef) => boolean
}

/** `kind` is `own` or `provider`, whose ids are texts of different owners. */
const endedSessions = defineTable('ended_sessions', { kind: text, session: text }, { key: ['kind', 'session'] })
/** All sessions that a person began before a time, but for one; an empty text for none. */
const endedBefore = defineTable(
  'ended_before',
  { person: text, began_before: text, kept: text },
  { key: ['person', 'began_before', 'kept'] },
)

/** Sessions that were ended. Rows are small and are never removed, so no clock decides when a token becomes valid again. */
export const sessions: Projection<SessionQueries> = {
  name: 'sessions',
  version: 2,
  // A session that ended since would be accepted.
  mustBeFed: true,
  tables: endedSessions.sql + endedBefore.sql,
  on: (context) => {
    const ended = rowCache(context, endedSessions)
    const before = rowCache(context, endedBefore)
    const end = (kind: 'own' | 'provider', session: string): void => {
      if (ended.get(kind, session) === undefined) ended.add({ kind, session })
    }
    return {
      SignedOut: ({ data }) => {
        if ('session' in data) end('own', data.session)
        else if ('providerSession' in data) end('provider', data.providerSession)
        else {
          const row = { person: data.person, began_before: data.before, kept: data.except ?? '' }
          if (before.get(row.person, row.began_before, row.kept) === undefined) before.add(row)
        }
      },
    }
  },
  queries: (db) => {
    // the primary keys
    const find = db
      .prepare<[string, string], number>('SELECT 1 FROM ended_sessions WHERE kind = ? AND session = ?')
      .pluck()
    const findBefore = db
      .prepare<[string, string, string], number>(
        'SELECT 1 FROM ended_before WHERE person = ? AND began_before > ? AND kept <> ? LIMIT 1',
      )
      .pluck()
    return {
      isOver: ({ id, providerSession, person, beganAt }) =>
        find.get('own', id) === 1 ||
        (providerSession !== null && find.get('provider', providerSession) === 1) ||
        findBefore.get(person, new Date(beganAt).toISOString(), id) === 1,
    }
  },
}
