import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { named, type Me } from '../response-schemas.ts'
import { accountOf, readerOf } from '../persons.ts'
import { noQuery, searchText } from '../query.ts'
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

/** Whom a ticket can be opened for. Support alone sees people of all accounts. */
export const customers = query({
  path: '/v1/customers',
  operationId: 'listCustomers',
  summary: 'For whom support can open a ticket: customers by the beginnings of their names, at most 20',
  may: ['support'],
  query: t.partial({ q: searchText }),
  forms: [{ mediaType: json, codec: named.Customers }],
  handle: async ({ views }, _asked, { q }) => right(jsonReply({ items: views.customers(q ?? '') })),
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
