import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { label } from '../../../domain/codec.ts'
import type { Principal } from '../../../domain/actor.ts'
import { invalid } from '../../../domain/refusal.ts'
import { Status } from '../../../domain/ticket/status.ts'
import { named, type TicketItem, type TicketList } from '../response-schemas.ts'
import { accountOf, personAnswer, readerOf } from '../persons.ts'
import type { Refused } from '../problems.ts'
import { searchText, wholeNumber } from '../query.ts'
import { json, jsonReply, query } from '../route.ts'

const Query = t.partial({
  view: t.keyof({ active: null, archive: null }),
  q: searchText,
  category: t.array(label),
  status: t.array(Status),
  sort: t.keyof({ '-updated': null, updated: null, '-created': null, created: null, relevance: null }),
  limit: wholeNumber(1, 200),
  cursor: label,
  account: label,
})

/** The only account that may be listed: one's own, or the one that somebody who sees all asks for. */
const accountAsked = (caller: Principal, asked: string | undefined): Either<Refused, string | null> => {
  const own = accountOf(caller)
  if (own === null) return right(asked ?? null)
  return asked === undefined ? right(own) : left({ tag: 'Forbidden', reason: 'you see one account only, your own' })
}

export const list = query({
  path: '/v1/tickets',
  operationId: 'listTickets',
  summary: 'List or search the tickets of one tab, page by page',
  may: ['customer', 'support', 'auditor', 'service'],
  query: Query,
  forms: [{ mediaType: json, codec: named.TicketList }],
  handle: async ({ views }, { caller }, asked) => {
    const account = accountAsked(caller, asked.account)
    if (account._tag === 'Left') return account
    const q = asked.q === undefined || asked.q === '' ? null : asked.q
    const sort = asked.sort ?? (q === null ? '-updated' : 'relevance')
    if (sort === 'relevance' && q === null) return left(invalid('sort', 'can be relevance only where q is given'))
    const rows = views.tickets({
      account: account.right,
      reader: readerOf(caller),
      view: asked.view ?? 'active',
      q,
      categories: asked.category ?? [],
      statuses: asked.status ?? [],
      sort,
      limit: asked.limit ?? 50,
      cursor: asked.cursor ?? null,
    })
    if (rows._tag === 'Left') return rows
    const { items, next, total, totalCapped } = rows.right
    const person = personAnswer(
      caller,
      views.names(items.flatMap(({ author, assignee }) => (assignee === null ? [author] : [author, assignee]))),
    )
    const answer: TicketList = {
      items: items.map((row): TicketItem => ({
        id: row.id,
        account: row.account,
        subject: row.subject,
        author: person(row.author),
        assignee: row.assignee === null ? null : person(row.assignee),
        status: row.status,
        category: row.category,
        createdAt: row.createdAt,
        updatedAt: row.updatedAt,
        version: row.version,
        unread: row.unread,
      })),
      next,
      total,
      ...(totalCapped === undefined ? {} : { totalCapped }),
    }
    return right(jsonReply(answer))
  },
})
