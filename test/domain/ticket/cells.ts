import type { TicketCommand } from '../../../domain/ticket/commands.ts'
import type { Ticket } from '../../../domain/ticket/state.ts'

/** The cells of domain.md's table, by name, so that a test can say which of them no example has met. */
const statuses = ['open', 'in_progress', 'waiting_for_customer', 'closed']
const held = ['by nobody', 'by somebody']

const rows: readonly string[] = [
  'comment, customer',
  'comment, support',
  'comment then in_progress, support',
  'comment then waiting_for_customer, support',
  'comment then closed, support',
  'take, support',
  'status in_progress, support',
  'status waiting_for_customer, support',
  'assign, support',
  'close, customer',
  'close, support',
  'reopen, customer',
  'reopen, support',
]

export const allCells: readonly string[] = [
  'open, customer, on none',
  'open for a requester, support, on none',
  ...rows.flatMap((row) => statuses.flatMap((status) => held.map((by) => `${row}, on ${status} held ${by}`))),
].toSorted()

const rowOf = (command: TicketCommand): string => {
  switch (command.type) {
    case 'open':
      return command.requester === undefined ? 'open' : 'open for a requester'
    case 'comment':
      return command.thenStatus === undefined ? 'comment' : `comment then ${command.thenStatus}`
    case 'status':
      return `status ${command.status}`
    default:
      return command.type
  }
}

export const cellOf = (command: TicketCommand, ticket: Ticket): string => {
  const row = `${rowOf(command)}, ${command.actor.role}, on ${ticket.status}`
  return ticket.status === 'none' ? row : `${row} held by ${ticket.assignee === null ? 'nobody' : 'somebody'}`
}
