import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { label } from '../../../domain/codec.ts'
import type { Principal } from '../../../domain/desk.ts'
import { invalid } from '../../../domain/refusal.ts'
import { named, type NotificationAnswer, type NotificationList } from '../answers.ts'
import { personAnswer, readerOf } from '../persons.ts'
import type { RoutePorts } from '../ports.ts'
import { wholeNumber } from '../query.ts'
import { command, json, jsonReply, query } from '../route.ts'
import type { NotificationRow } from '../views.ts'

const nobody = { tag: 'Forbidden', reason: 'only customers and support have notifications' } as const

/** Notifications as this caller may see them, under the names last seen. */
const notificationAnswers = (
  { views }: Pick<RoutePorts, 'views'>,
  caller: Principal,
  rows: readonly NotificationRow[],
): NotificationAnswer[] => {
  const person = personAnswer(caller, views.names(rows.map(({ actor }) => actor)))
  return rows.flatMap(({ id, kinds: [kind, ...also], ticket, subject, actor, at, seen }) =>
    kind === undefined ? [] : [{ id, kind, also, ticket: { id: ticket, subject }, actor: person(actor), at, seen }],
  )
}

export const notifications = query({
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: 'What the signed-in person was told, newest first',
  may: ['customer', 'support'],
  query: t.partial({ limit: wholeNumber(1, 200), cursor: label }),
  forms: [{ mediaType: json, codec: named.NotificationList }],
  handle: async (ports, { caller }, { limit, cursor }) => {
    const reader = readerOf(caller)
    if (reader === null) return left(nobody)
    const rows = ports.views.notifications(reader, limit ?? 50, cursor ?? null)
    if (rows._tag === 'Left') return rows
    const { items, next } = rows.right
    const answer: NotificationList = { items: notificationAnswers(ports, caller, items), next }
    return right(jsonReply(answer))
  },
})

export const seeNotifications = command({
  path: '/v1/notifications/seen',
  operationId: 'seeNotifications',
  summary: 'Mark notifications as seen up to one of them, or all, for this person alone',
  may: ['customer', 'support'],
  body: t.partial({ upTo: label }),
  mayBeEmpty: true,
  answers: named.NotificationsSeen,
  answerHeaders: ['Ledger-Position'],
  problems: ['damaged-stream', 'not-ready', 'storage-full', 'outcome-unknown'],
  handle: async ({ desk, views }, { caller, correlationId }, { upTo }) => {
    const reader = readerOf(caller)
    if (reader === null) return left(nobody)
    if (upTo !== undefined && !views.hasNotification(reader, upTo)) {
      return left(invalid('upTo', 'is no notification of yours'))
    }
    const marked = await desk.seeNotifications({ caller, correlationId }, upTo)()
    if (marked._tag === 'Left') return marked
    const { unreadNotifications } = views.counters(reader)
    return right(jsonReply({ unreadNotifications }, { 'Ledger-Position': marked.right.position }))
  },
})
