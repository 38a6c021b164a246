import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOf, type AccountId, type PersonId, type TicketId } from '../../domain/ids.ts'
import type { Status } from '../../domain/ticket/status.ts'
import type { CacheContext } from '../cache/cache.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, integer, nullable, text, textOf, type RowOf } from '../cache/table.ts'
import type { Handlers, Projection } from '../projection.ts'
import { everyAccount, accountScopeOf, type AccountScope } from '../scope.ts'

/** What the events write for both tabs, Tickets and Archive: a row for each ticket, and the number of tickets of each kind. */

const ticketRows = defineTable(
  'tickets',
  {
    id: textOf<TicketId>(),
    account: textOf<AccountId>(),
    // null once erased
    subject: nullable(text),
    author: textOf<PersonId>(),
    assignee: nullable(textOf<PersonId>()),
    status: textOf<Status>(),
    archived: integer,
    category: text,
    category_name: text,
    created: text,
    updated: text,
    version: integer,
  },
  { key: ['id'], numbered: 'key' },
)

/** Totals are kept and move with the events, instead of being counted (docs/adr/0019-counts-are-kept.md). */
const ticketCounts = defineTable(
  'ticket_counts',
  { scope: textOf<AccountScope>(), status: textOf<Status>(), category: text, n: integer },
  { key: ['scope', 'status', 'category'] },
)

type Ticket = RowOf<typeof ticketRows>

/** Columns for filters and counts, which a row of the list does not show. */
type Hidden = 'archived' | 'category_name'
const hidden: Readonly<Record<Hidden, true>> = { archived: true, category_name: true }
/** Columns that a row of the list shows under another name. */
const renamed = { created: 'createdAt', updated: 'updatedAt' } as const
type Renamed = typeof renamed

/** A row of the list, as the API shows it but for the names of its people; times are in ISO 8601. */
export type TicketRow = {
  readonly [C in Exclude<keyof Ticket, Hidden> as C extends keyof Renamed ? Renamed[C] : C]: Ticket[C]
}

const names: Readonly<Record<string, string>> = renamed

/** The columns of a `TicketRow`, of the table `tickets` as `t`. */
export const ticketColumns = [...ticketRows.key, ...ticketRows.others]
  .filter((column) => !Object.hasOwn(hidden, column))
  .map((column) => `t.${column} AS ${names[column] ?? column}`)
  .join(', ')

const handlers = (context: CacheContext): Handlers => {
  const rows = rowCache(context, ticketRows)
  const counts = rowCache(context, ticketCounts)

  const addTo = (scope: AccountScope, status: Status, category: string, by: number): void => {
    const row = counts.change(scope, status, category) ?? counts.add({ scope, status, category, n: 0 })
    row.n += by
  }
  const count = ({ account, category }: Ticket, status: Status, by: number): void => {
    addTo(accountScopeOf(account), status, category, by)
    addTo(everyAccount, status, category, by)
  }
  const rowOf = (event: RecordedEvent): Ticket | undefined => rows.change(ticketOf(event))
  const changeStatus = (event: RecordedEvent, status: Status): Ticket | undefined => {
    const row = rowOf(event)
    if (row === undefined) return undefined
    count(row, row.status, -1)
    count(row, status, 1)
    row.status = status
    row.archived = status === 'closed' ? 1 : 0
    return row
  }
  return {
    everyEvent: (event) => {
      if (event.version === 1) return
      const row = rowOf(event)
      if (row === undefined) return
      row.updated = event.occurredAt
      row.version = event.version
    },
    Opened: (event) => {
      const { data, personal, occurredAt, version } = event
      const row = rows.add({
        id: ticketOf(event),
        account: data.account,
        subject: personal === erased ? null : personal.subject,
        author: data.author.id,
        assignee: null,
        status: 'open',
        archived: 0,
        category: data.category.id,
        category_name: data.category.name,
        created: occurredAt,
        updated: occurredAt,
        version,
      })
      count(row, 'open', 1)
    },
    StatusChanged: (event) => {
      const row = changeStatus(event, event.data.to)
      if (row !== undefined && event.data.assignee !== undefined) row.assignee = event.data.assignee.id
    },
    Assigned: (event) => {
      const row = rowOf(event)
      if (row !== undefined) row.assignee = event.data.assignee.id
    },
    Closed: (event) => void changeStatus(event, 'closed'),
    Reopened: (event) => void changeStatus(event, 'open'),
  }
}

/** A new column or another handler needs the next version. */
export const ticketListRows: Omit<Projection<unknown>, 'queries'> = {
  name: 'tickets',
  version: 2,
  tables: ticketRows.sql + ticketCounts.sql,
  indexes: `
    CREATE INDEX tickets_by_updated ON tickets (archived, updated, id, category, status);
    CREATE INDEX tickets_by_created ON tickets (archived, created, id, category, status);
    CREATE INDEX tickets_of_account_by_updated ON tickets (account, archived, updated, id, category, status);
    CREATE INDEX tickets_of_account_by_created ON tickets (account, archived, created, id, category, status);
    CREATE INDEX tickets_by_kind ON tickets (archived, status, category);
    CREATE INDEX tickets_of_account_by_kind ON tickets (account, archived, status, category);
  `,
  on: handlers,
}
