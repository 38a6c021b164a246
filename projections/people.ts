import type { Database } from 'better-sqlite3'
import { erased } from '../domain/events/envelope.ts'
import type { Projection } from './projection.ts'

/** A person as last seen in the log: a rename shows everywhere. */
export interface SeenPerson {
  readonly id: string
  readonly name: string
  readonly email: string
}

interface PeopleQueries {
  /** Those of the ids that the log knows. */
  readonly byIds: (ids: readonly string[]) => ReadonlyMap<string, SeenPerson>
  /** Whether the log has seen this id act as support. */
  readonly isSupport: (id: string) => boolean
}

export const people: Projection<PeopleQueries> = {
  name: 'people',
  version: 1,
  tables: `
    CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE team (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
  on: (db: Database) => {
    const put = db.prepare(
      `INSERT INTO people (id, name, email) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email
       WHERE name <> excluded.name OR email <> excluded.email`,
    )
    const join = db.prepare('INSERT INTO team (id) VALUES (?) ON CONFLICT DO NOTHING')
    return {
      any: ({ actor, personal }) => {
        if (actor.role === 'support') join.run(actor.id)
        if (personal !== erased) put.run(actor.id, personal.actor.name, personal.actor.email)
      },
      Opened: ({ data, personal }) => {
        if (personal !== erased) put.run(data.author.id, personal.author.name, personal.author.email)
      },
      StatusChanged: ({ data, personal }) => {
        if (personal === erased || personal.assignee === undefined || data.assignee === undefined) return
        put.run(data.assignee.id, personal.assignee.name, personal.assignee.email)
      },
      Assigned: ({ data, personal }) => {
        if (personal !== erased) put.run(data.assignee.id, personal.assignee.name, personal.assignee.email)
      },
    }
  },
  queries: (db) => {
    const one = db.prepare<[string], SeenPerson>('SELECT id, name, email FROM people WHERE id = ?')
    const inTeam = db.prepare<[string], number>('SELECT 1 FROM team WHERE id = ?').pluck()
    return {
      byIds: (ids) => {
        const found = new Map<string, SeenPerson>()
        for (const id of new Set(ids)) {
          const person = one.get(id)
          if (person !== undefined) found.set(id, person)
        }
        return found
      },
      isSupport: (id) => inTeam.get(id) !== undefined,
    }
  },
}
