import type { Database } from 'better-sqlite3'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Handlers, Projection } from '../projection.ts'
import { placesByScope, unreadCounts, unreadQuery } from './unread-counts.ts'
import { everyAccount, scopeOf } from '../scope.ts'

/**
 * Who has read what. A row of `last_comments` is for one side of a ticket: that of support, who see all accounts, stands
 * in the scope of all and moves with customers' comments; that of the account moves with support's.
 */

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

const handlers = (db: Database, alone = false): Handlers => {
  const { settle, forget, opened, signedIn, seen, commented, accountOf } = unreadCounts(db, alone)
  return {
    settle,
    forget,
    SignedIn: ({ actor, position }) => signedIn(actor.id, scopeOf(actor.account), Number(position)),
    TicketSeen: ({ actor, data: { ticket, version } }) => seen(actor.id, ticket, version),
    Opened: ({ stream, data }) => opened(ticketOfStream(stream) ?? '', scopeOf(data.account)),
    CommentAdded: ({ stream, version, position, actor }) => {
      const ticket = ticketOfStream(stream) ?? ''
      const scope = actor.role === 'support' ? accountOf(ticket) : everyAccount
      if (scope !== undefined) commented(ticket, scope, version, Number(position))
    },
  }
}

export const reading: Projection<ReadingQueries> = {
  name: 'reading',
  version: 2,
  tables: `
    CREATE TABLE readers (
      reader TEXT PRIMARY KEY,
      scope TEXT NOT NULL,
      -- the first sign-in: what is older is not unread
      position INTEGER NOT NULL,
      -- tickets with a comment of the other side since then, and those of them that were read up to it
      fresh INTEGER NOT NULL DEFAULT 0,
      caught_up INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX readers_of_scope ON readers (scope, position);
    CREATE TABLE cursors (
      ticket TEXT NOT NULL, reader TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (ticket, reader)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE last_comments (
      ticket TEXT NOT NULL, scope TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (ticket, scope)
    ) STRICT, WITHOUT ROWID;
  `,
  indexes: placesByScope,
  on: handlers,
  queries: (db) => {
    // the primary keys of last_comments, readers and cursors
    // one statement for a whole page: each opens a transaction of its own, which costs more than its rows
    const unread = db
      .prepare<[string, string, string], string>(
        `SELECT l.ticket FROM json_each(?) j CROSS JOIN last_comments l ON l.ticket = j.value AND l.scope = ?
         CROSS JOIN readers r ON r.reader = ? LEFT JOIN cursors c ON c.ticket = l.ticket AND c.reader = r.reader
         WHERE l.position > r.position AND l.version > coalesce(c.version, 0)`,
      )
      .pluck()
    const unreadIn = unreadQuery(db)
    return {
      unreadAmong: ({ id, account }, tickets) => new Set(unread.all(JSON.stringify(tickets), scopeOf(account), id)),
      unreadTickets: ({ id, account }) => unreadIn(id, scopeOf(account)),
    }
  },
}
