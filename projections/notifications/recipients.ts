import { erased, type RecordedEvent, type Position } from '../../domain/event-log/envelope.ts'
import { ticketOf, type AccountId, type PersonId, type TicketId } from '../../domain/ids.ts'
import type { Kind } from '../../domain/notification/kinds.ts'
import { notificationsFor, type DueNotification } from '../../domain/notification/rules.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import type { CacheContext } from '../cache/cache.ts'
import { rowCache } from '../cache/row-cache.ts'
import { setCache } from '../cache/set-cache.ts'
import { defineTable, integer, nullable, text, textOf, type RowOf } from '../cache/table.ts'

/** Stands for the whole team in place of a person's id, which is never empty. */
export const wholeTeam = '' as const

/** One recipient of a notification. */
export interface Recipient {
  readonly kind: Kind
  /** A person's id, or `wholeTeam`. */
  readonly reader: PersonId | typeof wholeTeam
  /** The ticket's account for its customers; undefined for support. */
  readonly account: AccountId | undefined
}

const ticketRows = defineTable(
  'notification_tickets',
  {
    ticket: textOf<TicketId>(),
    account: textOf<AccountId>(),
    subject: nullable(text),
    assignee: nullable(textOf<PersonId>()),
  },
  { key: ['ticket'] },
)
const involvedPeople = defineTable(
  'notification_involved',
  { ticket: textOf<TicketId>(), person: textOf<PersonId>() },
  { key: ['ticket', 'person'] },
)
/** `joined`: the position at which the log first showed a member of the team. */
const teamMembers = defineTable(
  'notification_team',
  { person: textOf<PersonId>(), joined: integer },
  { key: ['person'] },
)

/** What has to be known of earlier events to name an event's recipients. */
export const recipientTables = ticketRows.sql + involvedPeople.sql + teamMembers.sql

type Ticket = RowOf<typeof ticketRows>

interface Recipients {
  /** For every event: whoever acts as support is on the team from then on. */
  readonly joinTeam: (event: RecordedEvent) => void
  /** For every event of a ticket. The team as a whole is one recipient, however large it is. */
  readonly recipientsOf: (event: RecordedEvent<TicketEvent>) => readonly Recipient[]
}

/** Takes in events in log order and returns the recipients of each (docs/domain.md, "Notifications"). */
export const recipientsFrom = (context: CacheContext): Recipients => {
  const tickets = rowCache(context, ticketRows)
  const involved = setCache(context, involvedPeople)
  const team = rowCache(context, teamMembers)
  // the primary key of notification_team
  const members = context.db.prepare<[], PersonId>('SELECT person FROM notification_team ORDER BY person').pluck()

  const join = (person: PersonId, position: Position): void => {
    if (team.get(person) === undefined) team.add({ person, joined: Number(position) })
  }

  const remember = (event: RecordedEvent<TicketEvent>, ticket: TicketId): void => {
    if (event.type === 'Opened') {
      const subject = event.personal === erased ? null : event.personal.subject
      tickets.add({ ticket, account: event.data.account, subject, assignee: null })
      involved.add(ticket, event.data.author.id)
    }
    const contributes = event.type === 'CommentAdded' || event.type === 'FileAttached'
    if (contributes && event.actor.role === 'customer') involved.add(ticket, event.actor.id)
    const assignee = event.type === 'Assigned' || event.type === 'StatusChanged' ? event.data.assignee : undefined
    if (assignee === undefined) return
    join(assignee.id, event.position)
    const known = tickets.change(ticket)
    if (known !== undefined) known.assignee = assignee.id
  }

  /** Nobody is notified of their own act, even where they act as a customer and are on the team elsewhere. */
  const teamWithout = (actor: PersonId): readonly Recipient['reader'][] => {
    if (team.get(actor) === undefined) return [wholeTeam]
    team.flush()
    return members.all().filter((member) => member !== actor)
  }

  const readersOf = (
    { to }: DueNotification,
    ticket: TicketId,
    { assignee }: Ticket,
    actor: PersonId,
  ): readonly Recipient['reader'][] => {
    if (to === 'involved-customers') return [...involved.members(ticket)].filter((person) => person !== actor)
    if (to !== 'assignee-or-team') return [to.person]
    if (assignee === null) return teamWithout(actor)
    return assignee === actor ? [] : [assignee]
  }

  const joinTeam: Recipients['joinTeam'] = ({ actor, position }) => {
    if (actor.role === 'support') join(actor.id, position)
  }

  const recipientsOf: Recipients['recipientsOf'] = (event) => {
    const id = ticketOf(event)
    remember(event, id)
    const ticket = tickets.get(id)
    if (ticket === undefined) return []
    return notificationsFor(event).flatMap((rule) =>
      readersOf(rule, id, ticket, event.actor.id).map((reader) => ({
        kind: rule.kind,
        reader,
        account: rule.to === 'involved-customers' ? ticket.account : undefined,
      })),
    )
  }

  return { joinTeam, recipientsOf }
}
