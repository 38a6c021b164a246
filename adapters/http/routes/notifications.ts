import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import { externalText } from '../../../domain/codec.ts'
import { ExternalEventId, type EventId } from '../../../domain/ids.ts'
import { comesByMail, kindsFor, MailChoice, type Kind } from '../../../domain/notification/kinds.ts'
import { invalid } from '../../../domain/refusal.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Reader } from '../../../projections/reading/reading.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import { component } from '../../api/component.ts'
import { NotificationList, PreferencesResponse, whole } from '../../api/response-schemas.ts'
import { notificationResponses, readerOf } from '../caller.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { noQuery, wholeNumber } from '../request-parameters.ts'
import { askQueries, command, jsonReply, query, requireQueries, type Route } from '../route.ts'

/** A person's notifications, how far they have seen them, and which kinds are sent by mail too. */

const noNotifications: Refused = { tag: 'Forbidden', reason: 'only customers and support have notifications' }
const requireReader = (caller: Principal): E.Either<Refused, Reader> =>
  E.fromNullable(noNotifications)(readerOf(caller))

/** null: the mark is stored, and the read model that counts does not hold it yet. */
const NotificationsSeenResponse = component(
  'NotificationsSeen',
  t.strict({ unreadNotifications: t.union([whole, t.null]) }),
)

/** A cursor is the position of the last notification of the page before. */
const encodeCursor = (position: number): string => Buffer.from(`n${position}`).toString('base64url')

const decodeCursor = (cursor: string): E.Either<Refused, number> => {
  const position = /^n(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  return position === undefined
    ? E.left(invalid('cursor', 'is not one of this list; start without it'))
    : E.right(Number(position))
}

const pageFor = (
  caller: Principal,
  { notifications: list, people }: Pick<Queries<Helpdesk>, 'notifications' | 'people'>,
  reader: Reader,
  before: number | undefined,
  limit: number,
): NotificationList => {
  const rows = list.page(reader, before, limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: notificationResponses(caller, people, page),
    next: rows.length > limit && last !== undefined ? encodeCursor(last.position) : null,
  }
}

const notifications = query({
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: "The signed-in person's notifications, newest first",
  may: ['customer', 'support'],
  query: t.partial({ limit: wholeNumber(1, 200), cursor: externalText }),
  response: NotificationList,
  handle: ({ readModels }, { caller }, { limit = 50, cursor }) =>
    pipe(
      E.Do,
      E.bindW('reader', () => requireReader(caller)),
      E.bindW('queries', () => requireQueries(readModels, 'notifications', 'people')),
      E.bindW('before', () => (cursor === undefined ? E.right(undefined) : decodeCursor(cursor))),
      E.map(({ reader, queries, before }) => jsonReply(pageFor(caller, queries, reader, before, limit))),
      TE.fromEither,
    ),
})

const requireOwn = (
  { notifications: list }: Pick<Queries<Helpdesk>, 'notifications'>,
  reader: Reader,
  id: EventId | undefined,
) =>
  id === undefined || list.has(reader, id) ? E.right(undefined) : E.left(invalid('upTo', 'is no notification of yours'))

const seeNotifications = command({
  path: '/v1/notifications/seen',
  operationId: 'seeNotifications',
  summary: 'Mark notifications as seen up to one of them, or all, for this person alone',
  may: ['customer', 'support'],
  body: t.partial({ upTo: ExternalEventId }),
  mayBeEmpty: true,
  response: NotificationsSeenResponse,
  responseHeaders: ['Ledger-Position'],
  problems: appendProblems,
  handle: ({ commands, readModels }, { caller, correlationId }, { upTo }) =>
    pipe(
      E.Do,
      E.bindW('reader', () => requireReader(caller)),
      // Before the command, so that what is refused as not ready is not stored.
      E.bindW('before', () => requireQueries(readModels, 'notifications')),
      E.tap(({ reader, before }) => requireOwn(before, reader, upTo)),
      TE.fromEither,
      TE.bindW('seen', () => commands.seeNotifications({ caller, correlationId }, upTo)),
      TE.map(({ reader, seen }) =>
        jsonReply(
          { unreadNotifications: askQueries(readModels, ['notifications'], (now) => now.notifications.unseen(reader)) },
          { 'Ledger-Position': seen.position },
        ),
      ),
    ),
})

/** The kinds of notifications that the caller's role receives. */
const requireKinds = ({ role }: Principal): E.Either<Refused, readonly Kind[]> =>
  role === 'customer' || role === 'support' ? E.right(kindsFor(role)) : E.left(noNotifications)

const preferencesOf = (kinds: readonly Kind[], choice: MailChoice): PreferencesResponse => ({
  mail: Object.fromEntries(kinds.map((kind) => [kind, comesByMail(kind, choice)])),
})

const preferences = query({
  path: '/v1/preferences',
  operationId: 'getPreferences',
  summary: 'The kinds of notifications that are also sent by mail',
  may: ['customer', 'support'],
  query: noQuery,
  response: PreferencesResponse,
  handle: ({ readModels }, { caller }) =>
    pipe(
      E.Do,
      E.bindW('kinds', () => requireKinds(caller)),
      E.bindW('queries', () => requireQueries(readModels, 'notifications')),
      E.map(({ kinds, queries }) => jsonReply(preferencesOf(kinds, queries.notifications.mailChoice(caller.id)))),
      TE.fromEither,
    ),
})

const requireOnly =
  (mail: MailChoice, { role }: Principal) =>
  (kinds: readonly Kind[]): E.Either<Refused, unknown> => {
    const errors = Object.keys(mail)
      .filter((kind) => kinds.every((each) => each !== kind))
      .map((kind) => ({ path: `mail.${kind}`, message: `is no kind of notification that the role ${role} receives` }))
    return errors.length === 0 ? E.right(kinds) : E.left({ tag: 'Invalid', errors })
  }

const setPreferences = command({
  path: '/v1/preferences',
  method: 'put',
  operationId: 'setPreferences',
  summary: 'Choose the kinds that are also sent by mail; kinds that are not named keep their default',
  may: ['customer', 'support'],
  body: t.strict({ mail: MailChoice }),
  response: PreferencesResponse,
  responseHeaders: ['Ledger-Position'],
  problems: appendProblems,
  handle: ({ commands }, { caller, correlationId }, { mail }) =>
    pipe(
      requireKinds(caller),
      E.tap(requireOnly(mail, caller)),
      TE.fromEither,
      TE.bindTo('kinds'),
      TE.bindW('set', () => commands.prefer({ caller, correlationId }, mail)),
      TE.map(({ kinds, set }) => jsonReply(preferencesOf(kinds, mail), { 'Ledger-Position': set.position })),
    ),
})

export const notificationRoutes: readonly Route[] = [notifications, seeNotifications, preferences, setPreferences]
