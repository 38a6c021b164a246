import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOf, ticketOfStream, type AccountId, type PersonId, type TicketId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, integer, nullable, text, textOf, type RowOf } from '../cache/table.ts'
import type { Handlers, Projection } from '../projection.ts'

/**
 * The reporting tables, plain ones for any SQL tool. They hold ids and facts and no names, mail addresses or texts.
 * Times are ISO 8601 in UTC, days their first ten characters.
 */

const reportTickets = defineTable(
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

const reportDays = defineTable(
  'report_days',
  { day: text, category: text, opened: integer, closed: integer, reopened: integer },
  { key: ['day', 'category'] },
)

const reportAgents = defineTable(
  'report_agents',
  { day: text, category: text, agent: textOf<PersonId>(), taken: integer, comments: integer, closed: integer },
  { key: ['day', 'category', 'agent'] },
)

type ReportTicket = RowOf<typeof reportTickets>

const dayOf = ({ occurredAt }: RecordedEvent): string => occurredAt.slice(0, 10)

const handlers = (context: CacheContext): Handlers => {
  const tickets = rowCache(context, reportTickets)
  const days = rowCache(context, reportDays)
  const agents = rowCache(context, reportAgents)

  const count = (event: RecordedEvent, category: string, what: 'opened' | 'closed' | 'reopened'): void => {
    const day = dayOf(event)
    const row = days.change(day, category) ?? days.add({ day, category, opened: 0, closed: 0, reopened: 0 })
    row[what]++
  }
  /** Counts an act of the acting agent. */
  const credit = (event: RecordedEvent, category: string, what: 'taken' | 'comments' | 'closed'): void => {
    if (event.actor.role !== 'support') return
    const day = dayOf(event)
    const agent = event.actor.id
    const known = agents.change(day, category, agent)
    const row = known ?? agents.add({ day, category, agent, taken: 0, comments: 0, closed: 0 })
    row[what]++
  }
  const responded = (event: RecordedEvent, ticket: ReportTicket): void => {
    if (event.actor.role === 'support') ticket.first_response_at ??= event.occurredAt
  }
  const rowOf = (event: RecordedEvent): ReportTicket | undefined => tickets.change(ticketOf(event))

  return {
    everyEvent: (event) => {
      const id = ticketOfStream(event.stream)
      if (id === null || event.type === 'Opened') return
      const ticket = rowOf(event)
      if (ticket !== undefined) ticket.events = event.version
    },
    Opened: (event) => {
      const category = event.data.category.id
      tickets.add({
        id: ticketOf(event),
        account: event.data.account,
        category,
        status: 'open',
        created_at: event.occurredAt,
        first_response_at: null,
        closed_at: null,
        last_closed_at: null,
        events: event.version,
        comments: 0,
        reopens: 0,
        assignee: null,
      })
      count(event, category, 'opened')
    },
    CommentAdded: (event) => {
      const ticket = rowOf(event)
      if (ticket === undefined) return
      ticket.comments++
      responded(event, ticket)
      credit(event, ticket.category, 'comments')
    },
    StatusChanged: (event) => {
      const ticket = rowOf(event)
      if (ticket === undefined) return
      ticket.status = event.data.to
      if (event.data.assignee !== undefined) ticket.assignee = event.data.assignee.id
      if (event.data.cause !== 'taken') return
      responded(event, ticket)
      credit(event, ticket.category, 'taken')
    },
    Assigned: (event) => {
      const ticket = rowOf(event)
      if (ticket === undefined) return
      ticket.assignee = event.data.assignee.id
      if (event.data.assignee.id === event.actor.id) credit(event, ticket.category, 'taken')
    },
    Closed: (event) => {
      const ticket = rowOf(event)
      if (ticket === undefined) return
      ticket.status = 'closed'
      ticket.closed_at = event.occurredAt
      ticket.last_closed_at = event.occurredAt
      count(event, ticket.category, 'closed')
      credit(event, ticket.category, 'closed')
    },
    Reopened: (event) => {
      const ticket = rowOf(event)
      if (ticket === undefined) return
      ticket.status = 'open'
      ticket.closed_at = null
      ticket.reopens++
      count(event, ticket.category, 'reopened')
    },
  }
}

/** A new column or another handler needs the next version. */
export const reportRows: Omit<Projection<unknown>, 'queries'> = {
  name: 'reports',
  version: 1,
  tables: reportTickets.sql + reportDays.sql + reportAgents.sql,
  on: handlers,
}
