import type { Database } from 'better-sqlite3'
import type { AccountId, TicketId } from '../../domain/ids.ts'
import type { Status } from '../../domain/ticket/status.ts'
import type { Projection } from '../projection.ts'
import { accountScopeOf, type AccountScope } from '../scope.ts'
import { ticketColumns, ticketListRows, type TicketRow } from './rows.ts'

export type ListOrder = '-updated' | 'updated' | '-created' | 'created'

/** Where a row stands in an order: by time, ties broken by id. */
export interface Keyset {
  readonly at: string
  readonly id: TicketId
}

export const keysetOf = ({ id, createdAt, updatedAt }: TicketRow, order: ListOrder): Keyset => ({
  at: order.endsWith('created') ? createdAt : updatedAt,
  id,
})

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Negative where `a` comes before `b`. */
export const compareKeysets = (order: ListOrder, a: Keyset, b: Keyset): number =>
  (order.startsWith('-') ? -1 : 1) * (compareTexts(a.at, b.at) || compareTexts(a.id, b.id))

export interface ListFilter {
  readonly view: 'active' | 'archive'
  /** Undefined: all accounts. */
  readonly account: AccountId | undefined
  readonly categories: readonly string[]
  readonly statuses: readonly Status[]
}

export interface TicketQueries {
  /** Up to `limit` rows behind `after`, the last row of the page before. */
  readonly page: (
    filter: ListFilter,
    order: ListOrder,
    after: Keyset | undefined,
    limit: number,
  ) => readonly TicketRow[]
  /** How many rows pass the filter, from kept counts (docs/adr/0019-counts-are-kept.md). */
  readonly total: (filter: ListFilter) => number
  /** Tickets that wait for their customer, of one account or of all. */
  readonly waiting: (account: AccountId | undefined) => number
  /** A ticket's account; undefined where there is no such ticket. */
  readonly accountOf: (id: TicketId) => AccountId | undefined
}

const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

export interface Conditions {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/**
 * The SQL conditions of a filter and their values, for rows with the columns `archived`, `category` and `status`.
 * `ofAccount` restricts them to an account, as the table names it; all accounts for undefined.
 */
export const conditionsOf = (
  { view, categories, statuses }: ListFilter,
  alias: string,
  ofAccount: { readonly column: string; readonly value: string | number } | undefined,
): Conditions => {
  const sql = [`${alias}.archived = ?`]
  const values: (string | number)[] = [view === 'archive' ? 1 : 0]
  if (ofAccount !== undefined) {
    sql.push(`${alias}.${ofAccount.column} = ?`)
    values.push(ofAccount.value)
  }
  if (categories.length > 0) {
    sql.push(`${alias}.category IN (${placeholders(categories)})`)
    values.push(...categories)
  }
  if (statuses.length > 0) {
    sql.push(`${alias}.status IN (${placeholders(statuses)})`)
    values.push(...statuses)
  }
  return { sql: sql.join(' AND '), values }
}

const columnOf = { '-updated': 'updated', updated: 'updated', '-created': 'created', created: 'created' } as const

/** The keyset query of a page. It reads in the order of `tickets[_of_account]_by_{updated,created}`, and sorts nothing. */
export const pageQuery = (filter: ListFilter, order: ListOrder, after: Keyset | undefined, limit: number) =>
  queryBy(columnOf[order], filter, order, after, limit)

/** The same page where few tickets pass the filter: `tickets[_of_account]_by_kind` finds all of them, SQLite sorts them. */
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
  const { account } = filter
  const { sql, values } = conditionsOf(
    filter,
    't',
    account === undefined ? account : { column: 'account', value: account },
  )
  const column = columnOf[order]
  const [beyond, direction] = order.startsWith('-') ? ['<', 'DESC'] : ['>', 'ASC']
  const index = `tickets_${account === undefined ? '' : 'of_account_'}by_${by}`
  return {
    sql: `SELECT ${ticketColumns} FROM tickets t INDEXED BY ${index}
      WHERE ${sql}${after === undefined ? '' : ` AND (t.${column}, t.id) ${beyond} (?, ?)`}
      ORDER BY t.${column} ${direction}, t.id ${direction} LIMIT ?`,
    values: [...values, ...(after === undefined ? [] : [after.at, after.id]), limit],
  }
}

/** Prepared statements by their SQL: the same combinations of filters recur, with other values. */
export const statementCache = <Row>(db: Database) => {
  const statements = new Map<string, ReturnType<typeof db.prepare<(string | number)[], Row>>>()
  return (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      if (statements.size >= 500) statements.clear()
      statement = db.prepare<(string | number)[], Row>(sql)
      statements.set(sql, statement)
    }
    return statement
  }
}

const ticketQueries = (db: Database): TicketQueries => {
  const pages = statementCache<TicketRow>(db)
  const sums = statementCache<{ readonly n: number }>(db)
  const count = (
    scope: AccountScope,
    archived: boolean | undefined,
    categories: readonly string[],
    statuses: readonly Status[],
  ) => {
    const sql = ['scope = ?']
    if (archived !== undefined) sql.push(archived ? "status = 'closed'" : "status <> 'closed'")
    if (categories.length > 0) sql.push(`category IN (${placeholders(categories)})`)
    if (statuses.length > 0) sql.push(`status IN (${placeholders(statuses)})`)
    // the primary key of ticket_counts
    const text = `SELECT coalesce(sum(n), 0) AS n FROM ticket_counts WHERE ${sql.join(' AND ')}`
    return sums(text).get(scope, ...categories, ...statuses)?.n ?? 0
  }
  const accountOf = db.prepare<[TicketId], AccountId>('SELECT account FROM tickets WHERE id = ?').pluck()
  const total = ({ account, view, categories, statuses }: ListFilter): number =>
    count(accountScopeOf(account), view === 'archive', categories, statuses)
  /**
   * Whether to find and sort all rows that pass the filter, or to read in the list's order and skip the others. Reading in
   * order meets about `limit` × all / passing rows before a page is full; finding and sorting reads all that pass.
   */
  const isRare = (filter: ListFilter, limit: number): boolean => {
    if (filter.categories.length + filter.statuses.length === 0) return false
    const passing = total(filter)
    return passing * passing <= limit * total({ ...filter, categories: [], statuses: [] })
  }
  return {
    page: (filter, order, after, limit) => {
      const { sql, values } = (isRare(filter, limit) ? fewQuery : pageQuery)(filter, order, after, limit)
      return pages(sql).all(...values)
    },
    total,
    waiting: (of) => count(accountScopeOf(of), undefined, [], ['waiting_for_customer']),
    accountOf: (id) => accountOf.get(id),
  }
}

export const tickets: Projection<TicketQueries> = { ...ticketListRows, queries: ticketQueries }
