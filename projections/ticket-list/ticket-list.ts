import type { Database } from 'better-sqlite3'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Status } from '../../domain/ticket/status.ts'
import type { Handlers, Projection } from '../projection.ts'
import { holdRows, together } from '../cache/row-cache.ts'
import { everyAccount, scopeOf } from '../scope.ts'
import { ticketQueries, type TicketQueries } from './queries.ts'

/** Both tabs, Tickets and Archive: one row for each ticket, and how many there are of each kind. */

interface Row {
  readonly id: string
  readonly account: string
  readonly subject: string | null
  readonly author: string
  assignee: string | null
  status: Status
  archived: number
  readonly category: string
  readonly category_name: string
  readonly created: string
  updated: string
  version: number
}

interface Count {
  readonly scope: string
  readonly status: Status
  readonly category: string
  n: number
}

const columns = [
  'account',
  'subject',
  'author',
  'assignee',
  'status',
  'archived',
  'category',
  'category_name',
  'created',
  'updated',
  'version',
] as const

const handlers = (db: Database, alone = false): Handlers => {
  const rows = holdRows<Row>(db, 'tickets', ['id'], columns, alone)
  const counts = holdRows<Count>(db, 'ticket_counts', ['scope', 'status', 'category'], ['n'], alone)

  // Counts are rows that move with the events: 4 µs instead of counting (architecture, decision 13).
  const count = (scope: string, status: Status, category: string, by: number): void => {
    const row = counts.change(scope, status, category) ?? counts.add({ scope, status, category, n: 0 })
    row.n += by
  }
  const counted = ({ account, category }: Row, status: Status, by: number): void => {
    count(scopeOf(account), status, category, by)
    count(everyAccount, status, category, by)
  }
  /** The ticket that the event is of, to be changed. */
  const changing = ({ stream }: RecordedEvent): Row | undefined => rows.change(ticketOfStream(stream) ?? '')
  const moveTo = (event: RecordedEvent, status: Status): Row | undefined => {
    const row = changing(event)
    if (row === undefined) return undefined
    counted(row, row.status, -1)
    counted(row, status, 1)
    row.status = status
    row.archived = status === 'closed' ? 1 : 0
    return row
  }
  return {
    ...together(rows, counts),
    any: (event) => {
      if (event.version === 1) return
      const row = changing(event)
      if (row === undefined) return
      row.updated = event.occurredAt
      row.version = event.version
    },
    Opened: ({ stream, data, personal, occurredAt, version }) => {
      const row = rows.add({
        id: ticketOfStream(stream) ?? '',
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
      counted(row, 'open', 1)
    },
    StatusChanged: (event) => {
      const row = moveTo(event, event.data.to)
      if (row !== undefined && event.data.assignee !== undefined) row.assignee = event.data.assignee.id
    },
    Assigned: (event) => {
      const row = changing(event)
      if (row !== undefined) row.assignee = event.data.assignee.id
    },
    Closed: (event) => void moveTo(event, 'closed'),
    Reopened: (event) => void moveTo(event, 'open'),
  }
}

export const tickets: Projection<TicketQueries> = {
  name: 'tickets',
  version: 2,
  tables: `
    CREATE TABLE tickets (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      account TEXT NOT NULL,
      subject TEXT,
      author TEXT NOT NULL,
      assignee TEXT,
      status TEXT NOT NULL,
      archived INTEGER NOT NULL,
      category TEXT NOT NULL,
      category_name TEXT NOT NULL,
      created TEXT NOT NULL,
      updated TEXT NOT NULL,
      version INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE ticket_counts (
      scope TEXT NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL, n INTEGER NOT NULL,
      PRIMARY KEY (scope, status, category)
    ) STRICT, WITHOUT ROWID;
  `,
  indexes: `
    CREATE INDEX tickets_by_updated ON tickets (archived, updated, id, category, status);
    CREATE INDEX tickets_by_created ON tickets (archived, created, id, category, status);
    CREATE INDEX tickets_of_account_by_updated ON tickets (account, archived, updated, id, category, status);
    CREATE INDEX tickets_of_account_by_created ON tickets (account, archived, created, id, category, status);
    CREATE INDEX tickets_by_kind ON tickets (archived, status, category);
    CREATE INDEX tickets_of_account_by_kind ON tickets (account, archived, status, category);
  `,
  on: handlers,
  queries: ticketQueries,
}
