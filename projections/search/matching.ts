import type { Database } from 'better-sqlite3'
import { conditionsOf, statementCache, type Conditions, type ListFilter } from '../ticket-list/ticket-list.ts'
import { everySearchScope, firstMessageRow, keyOfMessageRow, type SearchScope } from './tokens.ts'

/** The most long tickets that one query looks at, newest first. */
const longTickets = 1_000
/** Up to so many rows of a word are counted. */
const rowsCounted = 64

/** How many messages of long tickets a query may still read. */
export interface Work {
  messages: number
}

/** For a whole query, whatever its words and their corrections: about 30 ms. */
export const newWork = (): Work => ({ messages: 200_000 })

/** A word's FTS5 expression. */
export interface SearchTerm {
  readonly expression: string
  /** Begins with FTS5's own prefix query, which merges all postings of the prefix before it gives the first. */
  readonly isMerged: boolean
}

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

/** Finds the tickets that contain all terms. */
export const matching = (db: Database) => {
  const keys = statementCache<{ readonly key: number }>(db)
  // FTS5's own
  const firstRows = db
    .prepare<[string], number>(`SELECT rowid FROM search WHERE search MATCH ? LIMIT ${rowsCounted}`)
    .pluck()
  const messages = db
    .prepare<[string, number], number>(
      `SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ${firstMessageRow} ORDER BY rowid DESC LIMIT ?`,
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
  const holding = (tickets: readonly number[], { expression }: SearchTerm, work: Work): readonly number[] => {
    const rows = messages.all(expression, work.messages)
    work.messages -= rows.length
    const found = new Set(rows.map(keyOfMessageRow))
    for (const key of documents.all(JSON.stringify(tickets.filter((each) => !found.has(each))), expression)) {
      found.add(key)
    }
    return tickets.filter((key) => found.has(key))
  }

  return {
    /** The terms with their number of rows, up to `rowsCounted`, the fewest first. */
    byRarity: <T extends SearchTerm>(terms: readonly T[]): readonly (T & { readonly rows: number })[] =>
      terms
        .map((each) => ({ ...each, rows: each.isMerged ? rowsCounted : firstRows.all(each.expression).length }))
        .toSorted((a, b) => a.rows - b.rows),
    /** Keys, newest ticket first, at most `limit`. The rarest term comes first, since it leaves the fewest tickets. */
    find: (
      filter: ListFilter,
      scope: SearchScope,
      terms: readonly SearchTerm[],
      limit: number,
      work: Work,
    ): readonly number[] => {
      const whole = documentsQuery(filter, scope)
      const match = terms.map(({ expression }) => `(${expression})`).join(' AND ')
      const found = keysOf(whole, [match, ...whole.values, limit])
      const long = longQuery(filter, scope)
      let candidates: readonly number[] = keysOf(long, [...long.values, longTickets])
      for (const term of terms) if (candidates.length > 0) candidates = holding(candidates, term, work)
      if (candidates.length === 0) return found
      return [...new Set([...found, ...candidates])].toSorted((a, b) => b - a).slice(0, limit)
    },
  }
}
