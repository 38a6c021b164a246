import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { namesOf, type Person } from '../actor.ts'
import type { Refusal } from '../refusal.ts'
import type { Assign, Close, Comment, Open, Reopen, SetStatus, Take, TicketCommand, Upload } from './commands.ts'
import type { CommentAdded, FileAttached, StatusChanged, TicketEvent } from './events.ts'
import type { Ticket } from './state.ts'
import type { Cause, Status } from './status.ts'

/**
 * The table of domain.md, one function for each of its rows, from a command and the ticket as it stands to what
 * happens. Commands name a target state: asking for what already holds is no event.
 */
export type Decision = Either<Refusal, readonly TicketEvent[]>
type Decide<C> = (command: C) => (ticket: Ticket) => Decision
type Known = Exclude<Ticket, { status: 'none' }>
type DecideKnown<C> = (command: C, ticket: Known) => Decision

const nothing: readonly TicketEvent[] = []
const notFound: Refusal = { tag: 'NotFound' }
const ticketClosed: Refusal = { tag: 'TicketClosed' }
const ticketNotClosed: Refusal = { tag: 'TicketNotClosed' }
const closed: TicketEvent = { type: 'Closed', data: {}, personal: {} }

const attached = (file: Upload): FileAttached => ({
  type: 'FileAttached',
  data: { file: file.id, mediaType: file.mediaType, size: file.size, sha256: file.sha256 },
  personal: { name: file.name },
})

const commented = (body: string): CommentAdded => ({ type: 'CommentAdded', data: {}, personal: { body } })

const message = (command: { readonly body: string; readonly attachments: readonly Upload[] }): TicketEvent[] => [
  commented(command.body),
  ...command.attachments.map(attached),
]

const moved = (from: Status, to: Status, cause: Cause, assignee?: Person): StatusChanged =>
  assignee === undefined
    ? { type: 'StatusChanged', data: { from, to, cause }, personal: {} }
    : {
        type: 'StatusChanged',
        data: { from, to, cause, assignee: { id: assignee.id } },
        personal: { assignee: namesOf(assignee) },
      }

/** Opening for a requester is one append: the ticket waits for its customer at once, the agent its assignee. */
const open: Decide<Open> = (command) => (ticket) => {
  if (ticket.status !== 'none') return right(nothing)
  const author = command.requester ?? (command.actor.role === 'customer' ? command.actor : undefined)
  if (author === undefined) return left({ tag: 'Forbidden', reason: 'support opens a ticket for a requester' })
  return right([
    {
      type: 'Opened',
      data: {
        account: author.account,
        category: command.category,
        author: { id: author.id },
        ...(command.source === undefined ? {} : { source: command.source }),
      },
      personal: { subject: command.subject, description: command.description, author: namesOf(author) },
    },
    ...command.attachments.map(attached),
    ...(command.requester === undefined
      ? []
      : [moved('open', 'waiting_for_customer', 'opened_for_customer', command.actor)]),
  ])
}

/** Where a message alone moves the ticket: a customer's answer ends the waiting, support's first one takes it up. */
const moveOfMessage = ({ actor }: Comment, { status, assignee }: Known): readonly TicketEvent[] => {
  if (actor.role === 'customer' && status === 'waiting_for_customer') {
    return [moved(status, assignee === null ? 'open' : 'in_progress', 'customer_replied')]
  }
  if (actor.role === 'support' && status === 'open') {
    return [moved(status, 'in_progress', 'taken', assignee === null ? actor : undefined)]
  }
  return nothing
}

/** The event that brings a ticket to the named status, if it is not there: who works on it follows from rulings, 6. */
const moveTo = (to: Exclude<Status, 'open'>, actor: Person, { status, assignee }: Known): readonly TicketEvent[] => {
  if (status === to) return nothing
  if (to === 'closed') return [closed]
  const assigned = assignee === null ? actor : undefined
  if (to === 'waiting_for_customer') return [moved(status, to, 'asked', assigned)]
  return [moved(status, to, status === 'waiting_for_customer' ? 'resumed' : 'taken', assigned)]
}

const comment: DecideKnown<Comment> = (command, ticket) => {
  if (ticket.status === 'closed') return left(ticketClosed)
  const move =
    command.thenStatus === undefined
      ? moveOfMessage(command, ticket)
      : moveTo(command.thenStatus, command.actor, ticket)
  return right([...message(command), ...move])
}

/** Taking a ticket that another agent works on hands it over; only a new status makes it more than Assigned. */
const take: DecideKnown<Take> = ({ actor }, { status, assignee }) => {
  if (status === 'closed') return left(ticketClosed)
  if (status !== 'in_progress') return right([moved(status, 'in_progress', 'taken', actor)])
  return right(assignee === actor.id ? nothing : [assigned(actor)])
}

const setStatus: DecideKnown<SetStatus> = (command, ticket) =>
  ticket.status === 'closed' ? left(ticketClosed) : right(moveTo(command.status, command.actor, ticket))

const assigned = (assignee: Person): TicketEvent => ({
  type: 'Assigned',
  data: { assignee: { id: assignee.id } },
  personal: { assignee: namesOf(assignee) },
})

const assign: DecideKnown<Assign> = (command, ticket) => {
  if (ticket.status === 'closed') return left(ticketClosed)
  return right(ticket.assignee === command.assignee.id ? nothing : [assigned(command.assignee)])
}

/** Closing twice is no news: no event. Spec, "Closing a Ticket". */
const close: DecideKnown<Close> = (_command, ticket) => right(ticket.status === 'closed' ? nothing : [closed])

/** Spec, "Reopening a Ticket": only with a message, and the ticket is Open again. The assignee stays. */
const reopen: DecideKnown<Reopen> = (command, ticket) =>
  ticket.status === 'closed'
    ? right([{ type: 'Reopened', data: {}, personal: {} }, ...message(command)])
    : left(ticketNotClosed)

/** Decides one command on one ticket. Pure: the same command on the same state always gives the same answer. */
export const decide: Decide<TicketCommand> = (command) => (ticket) => {
  if (command.type === 'open') return open(command)(ticket)
  if (ticket.status === 'none') return left(notFound)
  switch (command.type) {
    case 'comment':
      return comment(command, ticket)
    case 'take':
      return take(command, ticket)
    case 'status':
      return setStatus(command, ticket)
    case 'assign':
      return assign(command, ticket)
    case 'close':
      return close(command, ticket)
    case 'reopen':
      return reopen(command, ticket)
  }
}
