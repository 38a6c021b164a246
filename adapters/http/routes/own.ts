import { left, right } from 'fp-ts/lib/Either.js'
import { named, type Me } from '../answers.ts'
import { accountOf, readerOf } from '../persons.ts'
import { noQuery } from '../query.ts'
import { json, jsonReply, query } from '../route.ts'

export const me = query({
  path: '/v1/me',
  operationId: 'getMe',
  summary: 'Who is signed in',
  may: ['customer', 'support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Me }],
  handle: async (_ports, { caller }) => {
    const { id, name, email, role } = caller
    const answer: Me = { id, name, email, role, account: accountOf(caller) }
    return right(jsonReply(answer))
  },
})

export const counters = query({
  path: '/v1/counters',
  operationId: 'getCounters',
  summary: 'How much awaits the signed-in person',
  may: ['customer', 'support'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Counters }],
  handle: async ({ views }, { caller }) => {
    const reader = readerOf(caller)
    if (reader === null) return left({ tag: 'Forbidden', reason: 'only customers and support have counters' })
    const { waiting, unreadTickets, unreadNotifications } = views.counters(reader)
    return right(jsonReply({ waiting, unreadTickets, unreadNotifications }))
  },
})

export const team = query({
  path: '/v1/team',
  operationId: 'listTeam',
  summary: 'To whom a ticket can be assigned',
  may: ['support'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Team }],
  handle: async ({ views }) => right(jsonReply({ items: views.team() })),
})

export const categories = query({
  path: '/v1/categories',
  operationId: 'listCategories',
  summary: 'The ticket types',
  may: ['customer', 'support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Categories }],
  handle: async (ports) =>
    right(jsonReply({ items: ports.categories.map(({ id, name, retired }) => ({ id, name, retired })) })),
})
