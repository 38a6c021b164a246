import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { CountersResponse, CustomersResponse, Me, TeamResponse } from '../../api/response-schemas.ts'
import { accountOf, type Principal } from '../../../domain/actor.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import { countersOf, readerOf } from '../caller.ts'
import type { Refused } from '../problems.ts'
import { readerQuery } from '../reader-query.ts'
import { noQuery, searchText } from '../request-parameters.ts'
import { jsonReply, query, requireQueries, type Route } from '../route.ts'

/** The signed-in person, and the people whom support can choose. */

export const meOf = (caller: Principal): Me => {
  const { id, name, email, role } = caller
  return { id, name, email, role, account: accountOf(caller) }
}

const me = query({
  path: '/v1/me',
  operationId: 'getMe',
  summary: 'Who is signed in',
  may: ['customer', 'support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  response: Me,
  handle: (_ports, { caller }) => TE.right(jsonReply(meOf(caller))),
})

const noCounters: Refused = { tag: 'Forbidden', reason: 'only customers and support have counters' }

const counters = query({
  path: '/v1/counters',
  operationId: 'getCounters',
  summary: 'Waiting tickets, unread tickets and unread notifications of the signed-in person',
  may: ['customer', 'support'],
  query: noQuery,
  response: CountersResponse,
  handle: ({ readModels }, { caller }) =>
    pipe(
      E.Do,
      E.bindW('reader', () => E.fromNullable(noCounters)(readerOf(caller))),
      E.bindW('queries', () => requireQueries(readModels, 'tickets', 'reading', 'notifications')),
      E.map(({ queries, reader }) => jsonReply(countersOf(queries, reader))),
      TE.fromEither,
    ),
})

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** Everyone of support whom the log has seen, and those whom the sign-in page offers before their first request. */
const teamOf = ({ people }: Pick<Queries<Helpdesk>, 'people'>, offered: readonly Principal[]): TeamResponse => {
  const seen = people.byIds(people.team())
  const others = offered.filter(({ id, role }) => role === 'support' && !seen.has(id))
  return {
    items: [...seen.values(), ...others].map(({ id, name, email }) => ({ id, name, email })).toSorted(byName),
  }
}

const team = query({
  path: '/v1/team',
  operationId: 'listTeam',
  summary: 'The people to whom a ticket can be assigned',
  may: ['support'],
  query: noQuery,
  response: TeamResponse,
  handle: ({ readModels, sessions }) =>
    pipe(
      requireQueries(readModels, 'people'),
      E.map((queries) => jsonReply(teamOf(queries, sessions.people))),
      TE.fromEither,
    ),
})

/** As many as a person reads through; more letters find the others. */
const mostCustomers = 20

const customersNamed = (
  { people, search }: Pick<Queries<Helpdesk>, 'people' | 'search'>,
  words: string,
): CustomersResponse => ({
  items: [...people.byIds(search.named(words)).values()]
    .flatMap(({ id, name, email, role, account }) =>
      role === 'customer' && account !== null ? [{ id, name, email, account }] : [],
    )
    .slice(0, mostCustomers)
    .toSorted(byName),
})

/** Only support sees the people of all accounts. */
export const customers = readerQuery({
  path: '/v1/customers',
  operationId: 'listCustomers',
  summary: 'The customers for whom support can open a ticket, by the beginnings of their names, at most 20',
  may: ['support'],
  query: t.partial({ q: searchText }),
  response: CustomersResponse,
  answer: ({ readModels }, _context, { q = '' }) =>
    pipe(
      requireQueries(readModels, 'people', 'search'),
      E.map((queries) => jsonReply(customersNamed(queries, q))),
    ),
})

export const peopleRoutes: readonly Route[] = [counters, team, customers, me]
