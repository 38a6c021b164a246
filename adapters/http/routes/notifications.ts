import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { label } from '../../../domain/codec.ts'
import { invalid } from '../../../domain/refusal.ts'
import { named, type NotificationList } from '../response-schemas.ts'
import { notificationAnswers } from '../notification-answers.ts'
import { readerOf } from '../persons.ts'
import { wholeNumber } from '../query.ts'
import { command, json, jsonReply, query } from '../route.ts'

const nobody = { tag: 'Forbidden', reason: 'only customers and support have notifications' } as const

export const notifications = query({
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: 'What the signed-in person was told, newest first',
  may: ['customer', 'support'],
  query: t.partial({ limit: wholeNumber(1, 200), cursor: label }),
  forms: [{ mediaType: json, codec: named.NotificationList }],
  handle: async ({ views }, { caller }, { limit, cursor }) => {
    const reader = readerOf(caller)
    if (reader === null) return left(nobody)
    const rows = views.notifications(reader, limit ?? 50, cursor ?? null)
    if (rows._tag === 'Left') return rows
    const { items, next } = rows.right
    const answer: NotificationList = { items: notificationAnswers(views, caller, items), next }
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
  handle: async ({ commands, views }, { caller, correlationId }, { upTo }) => {
    const reader = readerOf(caller)
    if (reader === null) return left(nobody)
    if (upTo !== undefined && !views.hasNotification(reader, upTo)) {
      return left(invalid('upTo', 'is no notification of yours'))
    }
    const marked = await commands.seeNotifications({ caller, correlationId }, upTo)()
    if (marked._tag === 'Left') return marked
    const { unreadNotifications } = views.counters(reader)
    return right(jsonReply({ unreadNotifications }, { 'Ledger-Position': marked.right.position }))
  },
})
