import type { Database } from 'better-sqlite3'
import { erased, type Recorded } from '../domain/events/envelope.ts'
import { ticketOfStream } from '../domain/ids.ts'
import type { Status } from '../domain/ticket/status.ts'
import type { Projection } from './projection.ts'
import { everyAccount, scopeOf } from './scope.ts'
import { ticketQueries, type TicketQueries } from './ticket-list.ts'

/** Both tabs, Tickets and Archive: one row for each ticket, and how many there are of each kind. */

interface Counted {
  readonly account: string
  readonly category: string
  readonly status: Status
}

const handlers = (db: Database) => {
  const add = db.prepare(
    `INSERT INTO tickets (id, account, subject, author, status, archived, category, category_name, created, updated, version)
     VALUES (?, ?, ?, ?, 'open', 0, ?, ?, ?, ?, ?)`,
  )
  const touch = db.prepare('UPDATE tickets SET updated = ?, version = ? WHERE id = ?')
  const assign = db.prepare('UPDATE tickets SET assignee = ? WHERE id = ?')
  const move = db.prepare('UPDATE tickets SET status = ?, archived = ? WHERE id = ?')
  const find = db.prepare<[string], Counted>('SELECT account, category, status FROM tickets WHERE id = ?')
  // Counts are rows that move with the events: 4 µs instead of counting (architecture, decision 13).
  const count = db.prepare(
    `INSERT INTO ticket_counts (scope, status, category, n) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET n = n + excluded.n`,
  )
  const counted = ({ account, status, category }: Counted, by: number): void => {
    count.run(scopeOf(account), status, category, by)
    count.run(everyAccount, status, category, by)
  }
  const moveTo = (id: string, status: Status): void => {
    const ticket = find.get(id)
    if (ticket === undefined) return
    counted(ticket, -1)
    counted({ ...ticket, status }, 1)
    move.run(status, status === 'closed' ? 1 : 0, id)
  }
  const idOf = ({ stream }: Recorded): string => ticketOfStream(stream) ?? ''
  return {
    any: (event: Recorded): void => {
      const id = ticketOfStream(event.stream)
      if (id !== null && event.version > 1) touch.run(event.occurredAt, event.version, id)
    },
    Opened: (event: Extract<Recorded, { type: 'Opened' }>): void => {
      const { data, personal, occurredAt, version } = event
      const subject = personal === erased ? null : personal.subject
      const { account, author, category } = data
      const id = idOf(event)
      add.run(id, account, subject, author.id, category.id, category.name, occurredAt, occurredAt, version)
      counted({ account, status: 'open', category: category.id }, 1)
    },
    StatusChanged: (event: Extract<Recorded, { type: 'StatusChanged' }>): void => {
      moveTo(idOf(event), event.data.to)
      if (event.data.assignee !== undefined) assign.run(event.data.assignee.id, idOf(event))
    },
    Assigned: (event: Extract<Recorded, { type: 'Assigned' }>): void => {
      assign.run(event.data.assignee.id, idOf(event))
    },
    Closed: (event: Recorded): void => moveTo(idOf(event), 'closed'),
    Reopened: (event: Recorded): void => moveTo(idOf(event), 'open'),
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
    CREATE INDEX tickets_by_updated ON tickets (archived, updated, id, category, status);
    CREATE INDEX tickets_by_created ON tickets (archived, created, id, category, status);
    CREATE INDEX tickets_of_account_by_updated ON tickets (account, archived, updated, id, category, status);
    CREATE INDEX tickets_of_account_by_created ON tickets (account, archived, created, id, category, status);
    CREATE INDEX tickets_by_kind ON tickets (archived, status, category);
    CREATE INDEX tickets_of_account_by_kind ON tickets (account, archived, status, category);
    CREATE TABLE ticket_counts (
      scope TEXT NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL, n INTEGER NOT NULL,
      PRIMARY KEY (scope, status, category)
    ) STRICT, WITHOUT ROWID;
  `,
  on: handlers,
  queries: ticketQueries,
}
