import type { Database } from 'better-sqlite3'
import type { Recorded } from '../domain/events/envelope.ts'
import { ticketOfStream } from '../domain/ids.ts'
import type { Projection } from './projection.ts'

/** Whose eyes look: a customer's on the own account, or support's on all. */
export interface Reader {
  readonly id: string
  /** Undefined for support. */
  readonly account: string | undefined
}

interface ReadingQueries {
  /** Those of the tickets on which the other side commented beyond what this person has read. */
  readonly unreadAmong: (reader: Reader, tickets: readonly string[]) => ReadonlySet<string>
  readonly unreadTickets: (reader: Reader) => number
}

/** A comment of the other side counts above the cursor and after the first sign-in (domain.md, "Reading marks"). */
const unread = (side: 'support' | 'customer'): string => `
  FROM last_comments l LEFT JOIN cursors c ON c.reader = :reader AND c.ticket = l.ticket
  WHERE l.${side}_position > (SELECT position FROM baselines WHERE reader = :reader)
    AND l.${side}_version > coalesce(c.version, 0)`

export const reading: Projection<ReadingQueries> = {
  name: 'reading',
  version: 1,
  tables: `
    CREATE TABLE baselines (reader TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE cursors (
      reader TEXT NOT NULL, ticket TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (reader, ticket)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE last_comments (
      ticket TEXT PRIMARY KEY,
      account TEXT NOT NULL,
      support_version INTEGER NOT NULL DEFAULT 0,
      support_position INTEGER NOT NULL DEFAULT 0,
      customer_version INTEGER NOT NULL DEFAULT 0,
      customer_position INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX last_comments_of_account ON last_comments (account, support_position);
    CREATE INDEX last_comments_by_customers ON last_comments (customer_position);
  `,
  on: (db: Database) => {
    const baseline = db.prepare('INSERT INTO baselines (reader, position) VALUES (?, ?) ON CONFLICT DO NOTHING')
    const cursor = db.prepare(
      `INSERT INTO cursors (reader, ticket, version) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET version = max(version, excluded.version)`,
    )
    const opened = db.prepare('INSERT INTO last_comments (ticket, account) VALUES (?, ?)')
    const bySupport = db.prepare('UPDATE last_comments SET support_version = ?, support_position = ? WHERE ticket = ?')
    const byCustomer = db.prepare(
      'UPDATE last_comments SET customer_version = ?, customer_position = ? WHERE ticket = ?',
    )
    const idOf = ({ stream }: Recorded): string => ticketOfStream(stream) ?? ''
    return {
      SignedIn: (event) => void baseline.run(event.actor.id, Number(event.position)),
      TicketSeen: ({ actor, data }) => void cursor.run(actor.id, data.ticket, data.version),
      Opened: (event) => void opened.run(idOf(event), event.data.account),
      CommentAdded: (event) => {
        const comment = event.actor.role === 'support' ? bySupport : byCustomer
        comment.run(event.version, Number(event.position), idOf(event))
      },
    }
  },
  queries: (db) => {
    // primary keys
    const one = {
      support: db.prepare<{ reader: string; ticket: string; account: string }, number>(
        `SELECT 1 ${unread('support')} AND l.ticket = :ticket AND l.account = :account`,
      ),
      customer: db.prepare<{ reader: string; ticket: string }, number>(
        `SELECT 1 ${unread('customer')} AND l.ticket = :ticket`,
      ),
    }
    // last_comments_of_account, last_comments_by_customers: only what came after the first sign-in is looked at
    const ofAccount = db
      .prepare<{ reader: string; account: string }, number>(
        `SELECT count(*) ${unread('support')} AND l.account = :account`,
      )
      .pluck()
    const ofAll = db.prepare<{ reader: string }, number>(`SELECT count(*) ${unread('customer')}`).pluck()
    return {
      unreadAmong: ({ id, account }, tickets) => {
        const isUnread = (ticket: string): boolean =>
          (account === undefined
            ? one.customer.get({ reader: id, ticket })
            : one.support.get({ reader: id, ticket, account })) !== undefined
        return new Set(tickets.filter(isUnread))
      },
      unreadTickets: ({ id, account }) =>
        (account === undefined ? ofAll.get({ reader: id }) : ofAccount.get({ reader: id, account })) ?? 0,
    }
  },
}
