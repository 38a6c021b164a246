import type { PersonalNames, Role } from '../../domain/actor.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import type { AccountId, PersonId } from '../../domain/ids.ts'
import { rowCache } from '../cache/row-cache.ts'
import type { CacheContext } from '../cache/cache.ts'
import { defineTable, nullable, text, textOf, type RowOf } from '../cache/table.ts'
import type { Handlers, Projection } from '../projection.ts'

const seenPeople = defineTable(
  'people',
  {
    id: textOf<PersonId>(),
    name: text,
    email: text,
    role: textOf<Role>(),
    // null for support, who belong to none
    account: nullable(textOf<AccountId>()),
  },
  { key: ['id'] },
)
const teamMembers = defineTable('team', { id: textOf<PersonId>() }, { key: ['id'] })

/** A person as last seen in the log: a rename shows everywhere. */
export type SeenPerson = Readonly<RowOf<typeof seenPeople>>

export interface PeopleQueries {
  /** Those of the ids whose names the log knows. */
  readonly byIds: (ids: readonly PersonId[]) => ReadonlyMap<PersonId, SeenPerson>
  /** Whether the log has seen this id act as support or be assigned a ticket. */
  readonly isSupport: (id: PersonId) => boolean
  /** Every support id seen in the log: the team, to which unassigned tickets' notifications go. */
  readonly team: () => readonly PersonId[]
}

const handlers = (context: CacheContext): Handlers => {
  const people = rowCache(context, seenPeople)
  const team = rowCache(context, teamMembers)

  const join = (id: PersonId): void => {
    if (team.get(id) === undefined) team.add({ id })
  }
  /** Most events repeat what is known, and write nothing. */
  const seen = (id: PersonId, { name, email }: PersonalNames, role: Role, account: AccountId | null): void => {
    const known = people.get(id)
    if (known === undefined) {
      people.add({ id, name, email, role, account })
      return
    }
    if (known.name === name && known.email === email && known.role === role && known.account === account) return
    const row = people.change(id)
    if (row !== undefined) Object.assign(row, { name, email, role, account })
  }
  /** Assignees are always support (docs/domain.md, "People"). */
  const assigned = (id: PersonId, names: PersonalNames | undefined): void => {
    join(id)
    if (names !== undefined) seen(id, names, 'support', null)
  }
  return {
    everyEvent: ({ actor, personal }) => {
      if (actor.role === 'support') join(actor.id)
      if (personal !== erased) seen(actor.id, personal.actor, actor.role, actor.account ?? null)
    },
    Opened: ({ data, personal }) => {
      if (personal !== erased) seen(data.author.id, personal.author, 'customer', data.account)
    },
    StatusChanged: ({ data, personal }) => {
      if (data.assignee !== undefined) assigned(data.assignee.id, personal === erased ? undefined : personal.assignee)
    },
    Assigned: ({ data, personal }) => assigned(data.assignee.id, personal === erased ? undefined : personal.assignee),
  }
}

export const people: Projection<PeopleQueries> = {
  name: 'people',
  version: 2,
  tables: seenPeople.sql + teamMembers.sql,
  on: handlers,
  queries: (db) => {
    // the primary key of people
    const byIds = db.prepare<[string], SeenPerson>(
      `SELECT p.id, p.name, p.email, p.role, p.account FROM json_each(?) j CROSS JOIN people p ON p.id = j.value`,
    )
    // the primary key of team
    const member = db.prepare<[PersonId], number>('SELECT 1 FROM team WHERE id = ?').pluck()
    const all = db.prepare<[], PersonId>('SELECT id FROM team ORDER BY id').pluck()
    return {
      byIds: (ids) => new Map(byIds.all(JSON.stringify([...new Set(ids)])).map((person) => [person.id, person])),
      isSupport: (id) => member.get(id) !== undefined,
      team: () => all.all(),
    }
  },
}
