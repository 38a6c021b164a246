import * as E from 'fp-ts/lib/Either.js'
import { accountOf, type PersonalNames, type Principal } from '../../domain/actor.ts'
import type { PersonId } from '../../domain/ids.ts'
import type { Notification } from '../../projections/notifications/queries.ts'
import type { PeopleQueries } from '../../projections/people/people.ts'
import type { Queries } from '../../projections/projection.ts'
import type { Reader } from '../../projections/reading/reading.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { CountersResponse, NotificationResponse, PersonResponse } from '../api/response-schemas.ts'
import type { Refused } from './problems.ts'

/** What follows from who the caller is: their reading marks, and what they may see of other people. */

/** Whether the caller may read what is about tickets of any account, such as reports. */
export const requireAllAccounts = (caller: Principal): E.Either<Refused, unknown> =>
  accountOf(caller) === null
    ? E.right(caller)
    : E.left({ tag: 'Forbidden', reason: 'this is for those who see all accounts' })

/** The caller as the owner of reading marks and notifications; null for roles that have none. */
export const readerOf = (caller: Principal): Reader | null => {
  switch (caller.role) {
    case 'customer':
      return { id: caller.id, account: caller.account }
    case 'support':
      return { id: caller.id, account: undefined }
    case 'auditor':
    case 'analyst':
    case 'service':
      return null
  }
}

/** The numbers that the pages show beside their links, for this person alone. */
export const countersOf = (
  { tickets, reading, notifications }: Pick<Queries<Helpdesk>, 'tickets' | 'reading' | 'notifications'>,
  reader: Reader,
): CountersResponse => ({
  waiting: tickets.waiting(reader.account),
  unreadTickets: reading.unreadTickets(reader),
  unreadNotifications: notifications.unseen(reader),
})

/** Only support and auditors see other people's e-mail addresses (docs/api.md, Roles). */
export const seesEmail = ({ role }: Principal): boolean => role === 'support' || role === 'auditor'

/**
 * A person as this caller may see them: under the name last seen in the log, else the one that the event recorded.
 * One query finds the names of all the ids.
 */
export const personFor = (caller: Principal, people: Pick<PeopleQueries, 'byIds'>, ids: readonly PersonId[]) => {
  const lastSeen: ReadonlyMap<PersonId, PersonalNames> = people.byIds(ids)
  return (id: PersonId, recorded: PersonalNames | null = null): PersonResponse => {
    const names = lastSeen.get(id) ?? recorded
    const person = { id, name: names?.name ?? null }
    return seesEmail(caller) ? { ...person, email: names?.email ?? null } : person
  }
}

/** Notifications as this caller may see them. The first of a notification's kinds names it. */
export const notificationResponses = (
  caller: Principal,
  people: PeopleQueries,
  rows: readonly Notification[],
): NotificationResponse[] => {
  const person = personFor(
    caller,
    people,
    rows.map(({ actor }) => actor),
  )
  return rows.flatMap(({ id, kinds: [kind, ...also], ticket, subject, actor, at, seen }) =>
    kind === undefined ? [] : [{ id, kind, also, ticket: { id: ticket, subject }, actor: person(actor), at, seen }],
  )
}
