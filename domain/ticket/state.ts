import type { DomainEvent } from '../event-log/event-types.ts'
import type { Status } from './status.ts'

/** What deciding needs to know of a ticket; everything else is a reader's business. */
export type Ticket =
  | { readonly status: 'none' }
  | {
      readonly status: Status
      readonly account: string
      /** The assignee's id. */
      readonly assignee: string | null
    }

export const initial: Ticket = { status: 'none' }

/** The facts of an event without its personal part. */
type Fact<E = DomainEvent> = E extends DomainEvent ? Pick<E, 'type' | 'data'> : never

/** Total and silent: an event that does not fit the state leaves it as it is. */
export const evolve = (ticket: Ticket, fact: Fact): Ticket => {
  if (ticket.status === 'none') {
    return fact.type === 'Opened' ? { status: 'open', account: fact.data.account, assignee: null } : ticket
  }
  switch (fact.type) {
    case 'StatusChanged':
      return { ...ticket, status: fact.data.to, assignee: fact.data.assignee?.id ?? ticket.assignee }
    case 'Assigned':
      return { ...ticket, assignee: fact.data.assignee.id }
    case 'Closed':
      return { ...ticket, status: 'closed' }
    case 'Reopened':
      return { ...ticket, status: 'open' }
    default:
      return ticket
  }
}
