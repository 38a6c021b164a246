import { ticketOf, type AccountId, type PersonId, type TicketId } from '../../domain/ids.ts'
import type { Projection } from '../projection.ts'
import { everyAccount, accountScopeOf, type AccountScope } from '../scope.ts'
import { commentsByScope, readingTables, unreadCounts, unreadQuery } from './unread-counts.ts'

/** A person whose unread tickets are asked for. */
export interface Reader {
  readonly id: PersonId
  /** Undefined for support, who see all accounts. */
  readonly account: AccountId | undefined
}

interface ReadingQueries {
  /** Those of the tickets on which the other side commented after what this person has read. */
  readonly unreadAmong: (reader: Reader, tickets: readonly TicketId[]) => ReadonlySet<TicketId>
  readonly unreadTickets: (reader: Reader) => number
}

/** Who has read what, and how many tickets are unread for each person. */
export const reading: Projection<ReadingQueries> = {
  name: 'reading',
  version: 3,
  tables: readingTables,
  indexes: commentsByScope,
  on: (context) => {
    const { opened, signedIn, seen, commented, accountOf } = unreadCounts(context)
    return {
      SignedIn: ({ actor, position }) => signedIn(actor.id, accountScopeOf(actor.account), Number(position)),
      TicketSeen: ({ actor, data: { ticket, version } }) => seen(actor.id, ticket, version),
      Opened: (event) => opened(ticketOf(event), accountScopeOf(event.data.account)),
      CommentAdded: (event) => {
        const { version, position, actor } = event
        const ticket = ticketOf(event)
        const scope = actor.role === 'support' ? accountOf(ticket) : everyAccount
        if (scope !== undefined) commented(ticket, scope, version, Number(position))
      },
    }
  },
  queries: (db) => {
    // the primary keys of last_comments, readers and reading_marks; one statement for a whole page, since each opens a
    // transaction of its own, which costs more than its rows
    const unread = db
      .prepare<[string, AccountScope, PersonId], TicketId>(
        `SELECT l.ticket FROM json_each(?) j CROSS JOIN last_comments l ON l.ticket = j.value AND l.scope = ?
         CROSS JOIN readers r ON r.reader = ? LEFT JOIN reading_marks m ON m.ticket = l.ticket AND m.reader = r.reader
         WHERE l.position > r.position AND l.version > coalesce(m.version, 0)`,
      )
      .pluck()
    const unreadIn = unreadQuery(db)
    return {
      unreadAmong: ({ id, account }, tickets) =>
        new Set(unread.all(JSON.stringify(tickets), accountScopeOf(account), id)),
      unreadTickets: ({ id, account }) => unreadIn(id, accountScopeOf(account)),
    }
  },
}
