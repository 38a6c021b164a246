import type { Database } from 'better-sqlite3'
import type { Status } from '../../domain/ticket/status.ts'
import { scopeOf } from '../scope.ts'

/** A row of the list; times are ISO texts. `subject` is null once erased. */
export interface TicketRow {
  readonly key: number
  readonly id: string
  readonly account: string
  readonly subject: string | null
  readonly author: string
  readonly assignee: string | null
  readonly status: Status
  readonly archived: number
  readonly category: string
  readonly categoryName: string
  readonly created: string
  readonly updated: string
  readonly version: number
}

export type ListOrder = '-updated' | 'updated' | '-created' | 'created'

export interface ListFilter {
  readonly view: 'active' | 'archive'
  /** Undefined: all accounts. */
  readonly account: string | undefined
  readonly categories: readonly string[]
  readonly statuses: readonly Status[]
}

/** The last row of the page before. */
export interface Keyset {
  readonly at: string
  readonly id: string
}

export interface TicketQueries {
  /** Up to `limit` rows behind `after`, ties broken by id. */
  readonly page: (
    filter: ListFilter,
    order: ListOrder,
    after: Keyset | undefined,
    limit: number,
  ) => readonly TicketRow[]
  /** How many rows the filter lets through, without counting them. */
  readonly total: (filter: ListFilter) => number
  /** Tickets that wait for their customer: of one account, or of all. */
  readonly waiting: (account: string | undefined) => number
  /** Where a ticket belongs; undefined for one that is not there. */
  readonly accountOf: (id: string) => string | undefined
}

export const ticketColumns = `t.key, t.id, t.account, t.subject, t.author, t.assignee, t.status, t.archived, t.category,
  t.category_name AS categoryName, t.created, t.updated, t.version`

export const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

/** Conditions and their values, for the parts of a filter that are there. */
const conditions = ({ view, account, categories, statuses }: ListFilter) => {
  const sql = ['t.archived = ?']
  const values: (string | number)[] = [view === 'archive' ? 1 : 0]
  if (account !== undefined) {
    sql.push('t.account = ?')
    values.push(account)
  }
  if (categories.length > 0) {
    sql.push(`t.category IN (${marks(categories)})`)
    values.push(...categories)
  }
  if (statuses.length > 0) {
    sql.push(`t.status IN (${marks(statuses)})`)
    values.push(...statuses)
  }
  return { sql: sql.join(' AND '), values }
}

const columnOf = { '-updated': 'updated', updated: 'updated', '-created': 'created', created: 'created' } as const

/** The keyset query of a page; it walks `tickets[_of_account]_by_{updated,created}` and sorts nothing. */
export const pageQuery = (filter: ListFilter, order: ListOrder, after: Keyset | undefined, limit: number) =>
  queryBy(columnOf[order], filter, order, after, limit)

/** The same page where few tickets pass the filter: `tickets[_of_account]_by_kind` finds them all, and they are sorted. */
export const fewQuery = (filter: ListFilter, order: ListOrder, after: Keyset | undefined, limit: number) => {
  const ofView: readonly Status[] = filter.view === 'archive' ? ['closed'] : active
  return queryBy(
    'kind',
    { ...filter, statuses: filter.statuses.length > 0 ? filter.statuses : ofView },
    order,
    after,
    limit,
  )
}

const active: readonly Status[] = ['open', 'in_progress', 'waiting_for_customer']

const queryBy = (
  by: 'updated' | 'created' | 'kind',
  filter: ListFilter,
  order: ListOrder,
  after: Keyset | undefined,
  limit: number,
) => {
  const { sql, values } = conditions(filter)
  const column = columnOf[order]
  const [beyond, direction] = order.startsWith('-') ? ['<', 'DESC'] : ['>', 'ASC']
  const index = `tickets_${filter.account === undefined ? '' : 'of_account_'}by_${by}`
  return {
    sql: `SELECT ${ticketColumns} FROM tickets t INDEXED BY ${index}
      WHERE ${sql}${after === undefined ? '' : ` AND (t.${column}, t.id) ${beyond} (?, ?)`}
      ORDER BY t.${column} ${direction}, t.id ${direction} LIMIT ?`,
    values: [...values, ...(after === undefined ? [] : [after.at, after.id]), limit],
  }
}

/** Statements by their text: a filter's shape recurs, its values do not. */
export const statementCache = (db: Database) => {
  const statements = new Map<string, ReturnType<typeof db.prepare<(string | number)[], unknown>>>()
  return (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      if (statements.size >= 500) statements.clear()
      statement = db.prepare<(string | number)[], unknown>(sql)
      statements.set(sql, statement)
    }
    return statement
  }
}

export const ticketQueries = (db: Database): TicketQueries => {
  const prepared = statementCache(db)
  const count = (
    scope: string,
    archived: boolean | undefined,
    categories: readonly string[],
    statuses: readonly Status[],
  ) => {
    const sql = ['scope = ?']
    if (archived !== undefined) sql.push(archived ? "status = 'closed'" : "status <> 'closed'")
    if (categories.length > 0) sql.push(`category IN (${marks(categories)})`)
    if (statuses.length > 0) sql.push(`status IN (${marks(statuses)})`)
    // the primary key of ticket_counts
    const text = `SELECT coalesce(sum(n), 0) AS n FROM ticket_counts WHERE ${sql.join(' AND ')}`
    const row = prepared(text).get(scope, ...categories, ...statuses) as { readonly n: number }
    return row.n
  }
  const accountOf = db.prepare<[string], string>('SELECT account FROM tickets WHERE id = ?').pluck()
  const total = ({ account, view, categories, statuses }: ListFilter): number =>
    count(scopeOf(account), view === 'archive', categories, statuses)
  /**
   * Whether to find and sort all that passes, rather than to walk in the list's order past what a filter refuses: that
   * meets about `limit` × all / passing rows before a page is full, the other reads all that pass.
   */
  const isRare = (filter: ListFilter, limit: number): boolean => {
    if (filter.categories.length + filter.statuses.length === 0) return false
    const passing = total(filter)
    return passing * passing <= limit * total({ ...filter, categories: [], statuses: [] })
  }
  return {
    page: (filter, order, after, limit) => {
      const { sql, values } = (isRare(filter, limit) ? fewQuery : pageQuery)(filter, order, after, limit)
      return prepared(sql).all(...values) as TicketRow[]
    },
    total,
    waiting: (of) => count(scopeOf(of), undefined, [], ['waiting_for_customer']),
    accountOf: (id) => accountOf.get(id),
  }
}
