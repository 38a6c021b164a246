import type { Principal } from '../../domain/actor.ts'
import type { NotificationAnswer } from './response-schemas.ts'
import { personAnswer } from './persons.ts'
import type { NotificationRow, Views } from './views.ts'

/** Notifications as this caller may see them, under the names last seen. */
export const notificationAnswers = (
  views: Pick<Views, 'names'>,
  caller: Principal,
  rows: readonly NotificationRow[],
): NotificationAnswer[] => {
  const person = personAnswer(caller, views.names(rows.map(({ actor }) => actor)))
  return rows.flatMap(({ id, kinds: [kind, ...also], ticket, subject, actor, at, seen }) =>
    kind === undefined ? [] : [{ id, kind, also, ticket: { id: ticket, subject }, actor: person(actor), at, seen }],
  )
}
