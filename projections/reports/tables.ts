import type { AccountId, PersonId, TicketId } from '../../domain/ids.ts'
import { defineTable, integer, nullable, text, textOf, type RowOf } from '../cache/table.ts'

/**
 * The reporting tables, plain ones for any SQL tool. They hold ids and facts and no names, mail addresses or texts.
 * Times are ISO 8601 in UTC, days their first ten characters.
 */

export const reportTickets = defineTable(
  'report_tickets',
  {
    id: textOf<TicketId>(),
    account: textOf<AccountId>(),
    category: text,
    status: text,
    created_at: text,
    // the first comment or take-up by support
    first_response_at: nullable(text),
    // while it is closed
    closed_at: nullable(text),
    // whether it was reopened since or not
    last_closed_at: nullable(text),
    events: integer,
    comments: integer,
    reopens: integer,
    assignee: nullable(textOf<PersonId>()),
  },
  { key: ['id'] },
)

export const reportDays = defineTable(
  'report_days',
  { day: text, category: text, opened: integer, closed: integer, reopened: integer },
  { key: ['day', 'category'] },
)

export const reportAgents = defineTable(
  'report_agents',
  { day: text, category: text, agent: textOf<PersonId>(), taken: integer, comments: integer, closed: integer },
  { key: ['day', 'category', 'agent'] },
)

export type ReportTicket = RowOf<typeof reportTickets>
