import type { Database } from 'better-sqlite3'
import type { PersonalNames, Role } from '../../domain/actor.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import type { Handlers, Projection } from '../projection.ts'
import { holdRows, together } from '../cache/row-cache.ts'

/** A person as last seen in the log: a rename shows everywhere. */
export interface SeenPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: Role
  /** Null for support, who belong to none. */
  readonly account: string | null
}

export interface PeopleQueries {
  /** Those of the ids whose names the log knows. */
  readonly byIds: (ids: readonly string[]) => ReadonlyMap<string, SeenPerson>
  /** Whether the log has seen this id act as support or be given a ticket. */
  readonly isSupport: (id: string) => boolean
  /** Every support id seen in the log: "the team" for notifications (rulings, 24). */
  readonly team: () => readonly string[]
}

interface Row {
  readonly id: string
  name: string
  email: string
  role: Role
  account: string | null
}

const handlers = (db: Database, alone = false): Handlers => {
  const rows = holdRows<Row>(db, 'people', ['id'], ['name', 'email', 'role', 'account'], alone)
  const team = holdRows<{ readonly id: string }>(db, 'team', ['id'], [], alone)

  const join = (id: string): void => {
    if (team.get(id) === undefined) team.add({ id })
  }
  /** Most events say what is known already, and write nothing. */
  const seen = (id: string, { name, email }: PersonalNames, role: Role, account: string | null): void => {
    const known = rows.get(id)
    if (known === undefined) {
      rows.add({ id, name, email, role, account })
      return
    }
    if (known.name === name && known.email === email && known.role === role && known.account === account) return
    const row = rows.change(id)
    if (row !== undefined) Object.assign(row, { name, email, role, account })
  }
  /** A customer is never an assignee (domain.md, "People"). */
  const given = (id: string, names: PersonalNames | undefined): void => {
    join(id)
    if (names !== undefined) seen(id, names, 'support', null)
  }
  return {
    ...together(rows, team),
    any: ({ actor, personal }) => {
      if (actor.role === 'support') join(actor.id)
      if (personal !== erased) seen(actor.id, personal.actor, actor.role, actor.account ?? null)
    },
    Opened: ({ data, personal }) => {
      if (personal !== erased) seen(data.author.id, personal.author, 'customer', data.account)
    },
    StatusChanged: ({ data, personal }) => {
      if (data.assignee !== undefined) given(data.assignee.id, personal === erased ? undefined : personal.assignee)
    },
    Assigned: ({ data, personal }) => given(data.assignee.id, personal === erased ? undefined : personal.assignee),
  }
}

export const people: Projection<PeopleQueries> = {
  name: 'people',
  version: 2,
  tables: `
    CREATE TABLE people (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL, account TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE team (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
  on: handlers,
  queries: (db) => {
    // the primary key of people
    const named = db.prepare<[string], SeenPerson>(
      `SELECT p.id, p.name, p.email, p.role, p.account FROM json_each(?) j CROSS JOIN people p ON p.id = j.value`,
    )
    // the primary key of team
    const member = db.prepare<[string], number>('SELECT 1 FROM team WHERE id = ?').pluck()
    const all = db.prepare<[], string>('SELECT id FROM team ORDER BY id').pluck()
    return {
      byIds: (ids) => new Map(named.all(JSON.stringify([...new Set(ids)])).map((person) => [person.id, person])),
      isSupport: (id) => member.get(id) !== undefined,
      team: () => all.all(),
    }
  },
}
