import type { Database } from 'better-sqlite3'
import { erased, type Recorded } from '../domain/events/envelope.ts'
import { ticketOfStream } from '../domain/ids.ts'
import type { Kind } from '../domain/notification/kinds.ts'
import { newsOf, type News } from '../domain/notification/news.ts'

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
  readonly account: string
  readonly assignee: string | null
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
export const audience = (db: Database): ((event: Recorded) => readonly Told[]) => {
  const add = db.prepare('INSERT INTO told_tickets (ticket, account, subject, assignee) VALUES (?, ?, ?, NULL)')
  const assign = db.prepare('UPDATE told_tickets SET assignee = ? WHERE ticket = ?')
  const involve = db.prepare('INSERT INTO told_involved (ticket, person) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const join = db.prepare('INSERT INTO told_team (person, joined) VALUES (?, ?) ON CONFLICT DO NOTHING')
  // the primary keys of told_tickets, told_involved and told_team
  const find = db.prepare<[string], Ticket>('SELECT account, assignee FROM told_tickets WHERE ticket = ?')
  const involved = db.prepare<[string], string>('SELECT person FROM told_involved WHERE ticket = ?').pluck()
  const isMember = db.prepare<[string], number>('SELECT 1 FROM told_team WHERE person = ?').pluck()
  const members = db.prepare<[], string>('SELECT person FROM told_team ORDER BY person').pluck()

  const take = (event: Recorded, ticket: string): void => {
    if (event.type === 'Opened') {
      add.run(ticket, event.data.account, event.personal === erased ? null : event.personal.subject)
      involve.run(ticket, event.data.author.id)
    }
    const speaks = event.type === 'CommentAdded' || event.type === 'FileAttached'
    if (speaks && event.actor.role === 'customer') involve.run(ticket, event.actor.id)
    const given = event.type === 'Assigned' || event.type === 'StatusChanged' ? event.data.assignee : undefined
    if (given === undefined) return
    join.run(given.id, Number(event.position))
    assign.run(given.id, ticket)
  }

  /** Somebody who acts as a customer here and is of the team elsewhere is not told of the own act. */
  const teamBut = (actor: string): readonly string[] =>
    isMember.get(actor) === undefined ? [wholeTeam] : members.all().filter((member) => member !== actor)

  const readersOf = ({ to }: News, ticket: string, { assignee }: Ticket, actor: string): readonly string[] => {
    if (to === 'involved') return involved.all(ticket).filter((person) => person !== actor)
    if (to !== 'desk') return [to.person]
    if (assignee === null) return teamBut(actor)
    return assignee === actor ? [] : [assignee]
  }

  return (event) => {
    if (event.actor.role === 'support') join.run(event.actor.id, Number(event.position))
    const id = ticketOfStream(event.stream)
    if (id === null) return []
    take(event, id)
    const ticket = find.get(id)
    if (ticket === undefined) return []
    return newsOf(event).flatMap((news) =>
      readersOf(news, id, ticket, event.actor.id).map((reader) => ({
        kind: news.kind,
        reader,
        account: news.to === 'involved' ? ticket.account : undefined,
      })),
    )
  }
}
