import type { Database } from 'better-sqlite3'
import { marks, statementCache, type ListFilter } from '../ticket-list.ts'
import { everyScope } from './postings.ts'

/** The query of a filter's ticket keys, from the newest down; it walks `search_tickets_{by_view,of_account}` alone. */
export const filterQuery = ({ view, categories, statuses }: ListFilter, scope: number) => {
  const everywhere = scope === everyScope
  const parts = [
    'archived = ?',
    ...(everywhere ? [] : ['scope = ?']),
    ...(categories.length > 0 ? [`category IN (${marks(categories)})`] : []),
    ...(statuses.length > 0 ? [`status IN (${marks(statuses)})`] : []),
  ]
  return {
    sql: `SELECT key FROM search_tickets INDEXED BY ${everywhere ? 'search_tickets_by_view' : 'search_tickets_of_account'}
      WHERE ${parts.join(' AND ')} AND key < ? ORDER BY key DESC LIMIT ?`,
    values: [view === 'archive' ? 1 : 0, ...(everywhere ? [] : [scope]), ...categories, ...statuses],
  }
}

/** Reads the keys of the tickets that a filter lets through. */
export const viewFilter = (db: Database) => {
  const prepared = statementCache(db)
  return (filter: ListFilter, scope: number) => {
    const { sql, values } = filterQuery(filter, scope)
    const statement = prepared(sql)
    return (below: number, limit: number): readonly number[] =>
      statement.all(...values, below, limit).map((row) => (row as { readonly key: number }).key)
  }
}
