import type { Database } from 'better-sqlite3'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Kind } from '../../domain/notification/kinds.ts'
import { notificationsFor, type DueNotification } from '../../domain/notification/rules.ts'
import { holdGroups } from '../cache/set-cache.ts'
import { holdRows, together, type Held } from '../cache/row-cache.ts'

/** Stands for everyone on the team where nobody in particular is told: no person's id is empty. */
export const wholeTeam = ''

/** Somebody who is told of an event. */
export interface Told {
  readonly kind: Kind
  /** A person's id, or `wholeTeam`. */
  readonly reader: string
  /** The ticket's account for its customers; undefined for support. */
  readonly account: string | undefined
}

interface Ticket {
  readonly ticket: string
  readonly account: string
  readonly subject: string | null
  assignee: string | null
}

interface Member {
  readonly person: string
  readonly joined: number
}

/** What has to be known of the past to say who is told. `joined` is where the log first saw a member of the team. */
export const audienceTables = `
  CREATE TABLE told_tickets (
    ticket TEXT PRIMARY KEY, account TEXT NOT NULL, subject TEXT, assignee TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE told_involved (
    ticket TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (ticket, person)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE told_team (person TEXT PRIMARY KEY, joined INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * Takes in each event in log order and answers who is told of it (domain.md, "Notifications"; rulings, 24). The team as
 * a whole is one entry, however large it is.
 */
export const audience = (
  db: Database,
  alone: boolean,
): { readonly toldOf: (event: RecordedEvent) => readonly Told[]; readonly held: Held } => {
  const tickets = holdRows<Ticket>(db, 'told_tickets', ['ticket'], ['account', 'subject', 'assignee'], alone)
  const involved = holdGroups(db, 'told_involved', ['ticket', 'person'], alone)
  const team = holdRows<Member>(db, 'told_team', ['person'], ['joined'], alone)
  // the primary key of told_team
  const members = db.prepare<[], string>('SELECT person FROM told_team ORDER BY person').pluck()

  const join = (person: string, position: string): void => {
    if (team.get(person) === undefined) team.add({ person, joined: Number(position) })
  }

  const take = (event: RecordedEvent, ticket: string): void => {
    if (event.type === 'Opened') {
      const subject = event.personal === erased ? null : event.personal.subject
      tickets.add({ ticket, account: event.data.account, subject, assignee: null })
      involved.add(ticket, event.data.author.id)
    }
    const speaks = event.type === 'CommentAdded' || event.type === 'FileAttached'
    if (speaks && event.actor.role === 'customer') involved.add(ticket, event.actor.id)
    const given = event.type === 'Assigned' || event.type === 'StatusChanged' ? event.data.assignee : undefined
    if (given === undefined) return
    join(given.id, event.position)
    const known = tickets.change(ticket)
    if (known !== undefined) known.assignee = given.id
  }

  /** Somebody who acts as a customer here and is of the team elsewhere is not told of the own act. */
  const teamBut = (actor: string): readonly string[] => {
    if (team.get(actor) === undefined) return [wholeTeam]
    team.settle()
    return members.all().filter((member) => member !== actor)
  }

  const readersOf = (
    { to }: DueNotification,
    ticket: string,
    { assignee }: Ticket,
    actor: string,
  ): readonly string[] => {
    if (to === 'involved-customers') return [...involved.members(ticket)].filter((person) => person !== actor)
    if (to !== 'assignee-or-team') return [to.person]
    if (assignee === null) return teamBut(actor)
    return assignee === actor ? [] : [assignee]
  }

  const toldOf = (event: RecordedEvent): readonly Told[] => {
    if (event.actor.role === 'support') join(event.actor.id, event.position)
    const id = ticketOfStream(event.stream)
    if (id === null) return []
    take(event, id)
    const ticket = tickets.get(id)
    if (ticket === undefined) return []
    return notificationsFor(event).flatMap((due) =>
      readersOf(due, id, ticket, event.actor.id).map((reader) => ({
        kind: due.kind,
        reader,
        account: due.to === 'involved-customers' ? ticket.account : undefined,
      })),
    )
  }
  return { toldOf, held: together(tickets, involved, team) }
}
