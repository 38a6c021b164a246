import type { Database } from 'better-sqlite3'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Handlers, Projection } from '../projection.ts'
import { holdRows, together } from '../cache/row-cache.ts'
import { reportQueries, type ReportQueries } from './queries.ts'
import { reportTables, type AgentCounts, type DayCounts, type TicketFacts } from './tables.ts'

type Of<T extends RecordedEvent['type']> = Extract<RecordedEvent, { readonly type: T }>

const dayOf = ({ occurredAt }: RecordedEvent): string => occurredAt.slice(0, 10)

const handlers = (db: Database, alone = false): Handlers => {
  const tickets = holdRows<TicketFacts>(
    db,
    'report_tickets',
    ['id'],
    [
      'account',
      'category',
      'status',
      'created_at',
      'first_response_at',
      'closed_at',
      'last_closed_at',
      'events',
      'comments',
      'reopens',
      'assignee',
    ],
    alone,
  )
  const days = holdRows<DayCounts>(db, 'report_days', ['day', 'category'], ['opened', 'closed', 'reopened'], alone)
  const agents = holdRows<AgentCounts>(
    db,
    'report_agents',
    ['day', 'category', 'agent'],
    ['taken', 'comments', 'closed'],
    alone,
  )

  const count = (event: RecordedEvent, category: string, what: 'opened' | 'closed' | 'reopened'): void => {
    const day = dayOf(event)
    const row = days.change(day, category) ?? days.add({ day, category, opened: 0, closed: 0, reopened: 0 })
    row[what]++
  }
  /** What the acting agent did. */
  const credit = (event: RecordedEvent, category: string, what: 'taken' | 'comments' | 'closed'): void => {
    if (event.actor.role !== 'support') return
    const day = dayOf(event)
    const agent = event.actor.id
    const known = agents.change(day, category, agent)
    const row = known ?? agents.add({ day, category, agent, taken: 0, comments: 0, closed: 0 })
    row[what]++
  }
  const responded = (event: RecordedEvent, ticket: TicketFacts): void => {
    if (event.actor.role === 'support') ticket.first_response_at ??= event.occurredAt
  }
  /** The ticket that the event is of, to be changed. */
  const changing = ({ stream }: RecordedEvent): TicketFacts | undefined => tickets.change(ticketOfStream(stream) ?? '')

  return {
    ...together(tickets, days, agents),
    any: (event) => {
      const id = ticketOfStream(event.stream)
      if (id === null || event.type === 'Opened') return
      const ticket = changing(event)
      if (ticket !== undefined) ticket.events = event.version
    },
    Opened: (event) => {
      const category = event.data.category.id
      tickets.add({
        id: ticketOfStream(event.stream) ?? '',
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
      const ticket = changing(event)
      if (ticket === undefined) return
      ticket.comments++
      responded(event, ticket)
      credit(event, ticket.category, 'comments')
    },
    StatusChanged: (event: Of<'StatusChanged'>) => {
      const ticket = changing(event)
      if (ticket === undefined) return
      ticket.status = event.data.to
      if (event.data.assignee !== undefined) ticket.assignee = event.data.assignee.id
      if (event.data.cause !== 'taken') return
      responded(event, ticket)
      credit(event, ticket.category, 'taken')
    },
    Assigned: (event: Of<'Assigned'>) => {
      const ticket = changing(event)
      if (ticket === undefined) return
      ticket.assignee = event.data.assignee.id
      if (event.data.assignee.id === event.actor.id) credit(event, ticket.category, 'taken')
    },
    Closed: (event) => {
      const ticket = changing(event)
      if (ticket === undefined) return
      ticket.status = 'closed'
      ticket.closed_at = event.occurredAt
      ticket.last_closed_at = event.occurredAt
      count(event, ticket.category, 'closed')
      credit(event, ticket.category, 'closed')
    },
    Reopened: (event) => {
      const ticket = changing(event)
      if (ticket === undefined) return
      ticket.status = 'open'
      ticket.closed_at = null
      ticket.reopens++
      count(event, ticket.category, 'reopened')
    },
  }
}

export const reports: Projection<ReportQueries> = {
  name: 'reports',
  version: 1,
  tables: reportTables,
  on: handlers,
  queries: reportQueries,
}
