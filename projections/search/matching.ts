import type { Database } from 'better-sqlite3'
import { conditionsOf, statementCache, type Conditions, type ListFilter } from '../ticket-list/queries.ts'
import { everySearchScope, firstMessageRow, keyOfMessageRow, type SearchScope } from './tokens.ts'

/** The most long tickets, and messages of theirs, that one query reads, newest first: about 30 ms at most. */
const longTickets = 1_000
const longMessages = 50_000

/** Conditions on `search_tickets s`, whose rows hold each ticket's tab, account, category and status. */
const conditions = (filter: ListFilter, scope: SearchScope): Conditions =>
  conditionsOf(filter, 's', scope === everySearchScope ? undefined : { column: 'scope', value: scope })

/** Reads FTS5's postings from the newest ticket down, so that a common word stops at the limit. */
export const documentsQuery = (filter: ListFilter, scope: SearchScope): Conditions => {
  const { sql, values } = conditions(filter, scope)
  return {
    // FTS5's own; the primary key of search_tickets
    sql: `SELECT s.key FROM search f CROSS JOIN search_tickets s ON s.key = f.rowid
      WHERE f.search MATCH ? AND f.rowid < ${firstMessageRow} AND ${sql} ORDER BY f.rowid DESC LIMIT ?`,
    values,
  }
}

/** Reads the index `search_long_tickets` or `search_long_tickets_of_account`. */
export const longQuery = (filter: ListFilter, scope: SearchScope): Conditions => {
  const { sql, values } = conditions(filter, scope)
  return {
    sql: `SELECT s.key FROM search_tickets s
      INDEXED BY ${scope === everySearchScope ? 'search_long_tickets' : 'search_long_tickets_of_account'}
      WHERE s.long = 1 AND ${sql} ORDER BY s.key DESC LIMIT ?`,
    values,
  }
}

/** Finds the tickets that contain all terms, each an FTS5 expression. */
export const matching = (db: Database) => {
  const keys = statementCache<{ readonly key: number }>(db)
  // FTS5's own
  const messages = db
    .prepare<[string], number>(
      `SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ${firstMessageRow} ORDER BY rowid DESC LIMIT ${longMessages}`,
    )
    .pluck()
  const documents = db
    .prepare<[string, string], number>(
      'SELECT f.rowid FROM json_each(?) j CROSS JOIN search f ON f.rowid = j.value WHERE f.search MATCH ?',
    )
    .pluck()
  const keysOf = ({ sql }: Conditions, values: readonly (string | number)[]): number[] =>
    keys(sql)
      .all(...values)
      .map(({ key }) => key)

  /** Those of these long tickets that contain the term, in their document or in a message of their own row. */
  const holding = (keys: readonly number[], term: string): number[] => {
    const found = new Set(messages.all(term).map(keyOfMessageRow))
    for (const key of documents.all(JSON.stringify(keys.filter((each) => !found.has(each))), term)) found.add(key)
    return keys.filter((key) => found.has(key))
  }

  /** Keys, newest ticket first, at most `limit`. */
  return (filter: ListFilter, scope: SearchScope, terms: readonly string[], limit: number): readonly number[] => {
    const whole = documentsQuery(filter, scope)
    const match = terms.map((term) => `(${term})`).join(' AND ')
    const found = keysOf(whole, [match, ...whole.values, limit])
    const long = longQuery(filter, scope)
    let candidates = keysOf(long, [...long.values, longTickets])
    for (const term of terms) if (candidates.length > 0) candidates = holding(candidates, term)
    if (candidates.length === 0) return found
    return [...new Set([...found, ...candidates])].toSorted((a, b) => b - a).slice(0, limit)
  }
}
