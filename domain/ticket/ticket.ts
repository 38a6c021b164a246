import type { DomainEvent } from '../event-log/event-types.ts'
import type { AccountId, PersonId } from '../ids.ts'
import { isTicketEvent, type TicketEvent } from './events.ts'
import type { Status } from './status.ts'

/** What deciding needs to know of a ticket. */
export type Ticket = { readonly status: 'none' } | ExistingTicket

export interface ExistingTicket {
  readonly status: Status
  readonly account: AccountId
  readonly assignee: PersonId | null
}

export const initial: Ticket = { status: 'none' }

/** An event without its personal part, which may be erased: deciding does not use it. */
type Fact<E extends DomainEvent = DomainEvent> = E extends DomainEvent ? Pick<E, 'type' | 'data'> : never

/** What each event does to a ticket that exists. */
const apply = (ticket: ExistingTicket, fact: Fact<TicketEvent>): ExistingTicket => {
  switch (fact.type) {
    case 'Opened':
    case 'CommentAdded':
    case 'FileAttached':
      return ticket
    case 'StatusChanged':
      return { ...ticket, status: fact.data.to, assignee: fact.data.assignee?.id ?? ticket.assignee }
    case 'Assigned':
      return { ...ticket, assignee: fact.data.assignee.id }
    case 'Closed':
      return { ...ticket, status: 'closed' }
    case 'Reopened':
      return { ...ticket, status: 'open' }
  }
}

/**
 * The state after one more event. Total: an event that does not fit the state leaves it as it is. Whatever shows a
 * ticket (its page, its history) takes status and assignee from here.
 */
export const evolve = (ticket: Ticket, fact: Fact): Ticket => {
  if (ticket.status === 'none') {
    return fact.type === 'Opened' ? { status: 'open', account: fact.data.account, assignee: null } : ticket
  }
  return isTicketEvent(fact) ? apply(ticket, fact) : ticket
}
