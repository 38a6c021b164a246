import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { accountOf, type Principal } from '../../../domain/actor.ts'
import { externalText } from '../../../domain/codec.ts'
import { ExternalAccountId, StoredTicketId, type AccountId, type TicketId } from '../../../domain/ids.ts'
import { invalid } from '../../../domain/refusal.ts'
import { Status } from '../../../domain/ticket/status.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Reader } from '../../../projections/reading/reading.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import {
  compareKeysets,
  keysetOf,
  type ListFilter,
  type ListOrder,
} from '../../../projections/ticket-list/ticket-list.ts'
import type { TicketRow } from '../../../projections/ticket-list/rows.ts'
import { TicketList } from '../../api/response-schemas.ts'
import { personFor, readerOf } from '../caller.ts'
import type { Refused } from '../problems.ts'
import { readerQuery } from '../reader-query.ts'
import { searchText, wholeNumber } from '../request-parameters.ts'
import { jsonReply, requireQueries } from '../route.ts'
import type { ReadableModels } from '../readers.ts'

const Parameters = t.partial({
  view: t.keyof({ active: null, archive: null }),
  q: searchText,
  category: t.array(externalText),
  status: t.array(Status),
  sort: t.keyof({ '-updated': null, updated: null, '-created': null, created: null, relevance: null }),
  limit: wholeNumber(1, 200),
  cursor: externalText,
  account: ExternalAccountId,
})

type Sort = ListOrder | 'relevance'

export interface TicketQuery {
  readonly filter: ListFilter
  /** Null lists all tickets that the filter admits. */
  readonly words: string | null
  /** `relevance` only with words. */
  readonly sort: Sort
  readonly limit: number
  readonly cursor: string | undefined
}

export interface ListPage {
  readonly rows: readonly TicketRow[]
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null
  readonly total: number
  /** A search had more hits than `total` says. */
  readonly totalCapped?: true
}

/** The last row of the page before, with its number among a search's hits. A cursor is bound to its sort order. */
const Cursor = t.strict({ sort: t.string, at: t.string, id: StoredTicketId, rank: t.number })
type Cursor = t.TypeOf<typeof Cursor>

const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

const decodeCursor = (text: string | undefined, sort: Sort): E.Either<Refused, Cursor | undefined> => {
  if (text === undefined) return E.right(undefined)
  return pipe(
    E.tryCatch(
      (): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
      () => null,
    ),
    E.flatMap((json) => Cursor.decode(json)),
    E.filterOrElseW(
      (cursor) => cursor.sort === sort,
      () => null,
    ),
    E.mapLeft(() => invalid('cursor', 'is not one of this list; start without it')),
  )
}

const nextCursor = (sort: Sort, page: readonly TicketRow[], hasMore: boolean, before = 0): string | null => {
  const last = page.at(-1)
  return hasMore && last !== undefined
    ? encodeCursor({ sort, ...keysetOf(last, sort === 'relevance' ? '-updated' : sort), rank: before + page.length })
    : null
}

/** One page of the list. Refuses a cursor that is not of this list as Invalid. */
export const listPage = (
  { tickets }: Pick<Queries<Helpdesk>, 'tickets'>,
  { filter, sort, limit, cursor }: TicketQuery,
): E.Either<Refused, ListPage> =>
  pipe(
    decodeCursor(cursor, sort),
    E.map((after) => {
      const order = sort === 'relevance' ? '-updated' : sort
      const found = tickets.page(filter, order, after, limit + 1)
      const rows = found.slice(0, limit)
      return { rows, next: nextCursor(order, rows, found.length > limit), total: tickets.total(filter) }
    }),
  )

/** How many hits the pages before have shown. The ticket that the cursor names may have left them since. */
const hitsBefore = (hits: readonly TicketRow[], sort: Sort, cursor: Cursor | undefined): number => {
  if (cursor === undefined) return 0
  if (sort !== 'relevance') return hits.filter((row) => compareKeysets(sort, keysetOf(row, sort), cursor) <= 0).length
  const at = hits.findIndex(({ id }) => id === cursor.id)
  return at < 0 ? cursor.rank - 1 : at + 1
}

const hitsPage = (
  { rows: found, capped }: ReturnType<Queries<Helpdesk>['search']['find']>,
  { sort, limit }: TicketQuery,
  cursor: Cursor | undefined,
): ListPage => {
  const hits =
    sort === 'relevance' ? found : found.toSorted((a, b) => compareKeysets(sort, keysetOf(a, sort), keysetOf(b, sort)))
  const from = hitsBefore(hits, sort, cursor)
  const rows = hits.slice(from, from + limit)
  return {
    rows,
    next: nextCursor(sort, rows, hits.length > from + limit, from),
    total: hits.length,
    ...(capped ? { totalCapped: true } : {}),
  }
}

/** One page of a search. Refuses a cursor that is not of this search's order as Invalid. */
export const searchPage = (
  { search }: Pick<Queries<Helpdesk>, 'search'>,
  query: TicketQuery,
  words: string,
): E.Either<Refused, ListPage> =>
  pipe(
    decodeCursor(query.cursor, query.sort),
    E.map((cursor) => hitsPage(search.find(query.filter, words), query, cursor)),
  )

/** A list needs the ticket list, and a search the search index alone: one answers while the other is being rebuilt. */
const pageOf = (readModels: ReadableModels<Helpdesk>, query: TicketQuery): E.Either<Refused, ListPage> => {
  const { words } = query
  return words === null
    ? pipe(
        requireQueries(readModels, 'tickets'),
        E.flatMap((queries) => listPage(queries, query)),
      )
    : pipe(
        requireQueries(readModels, 'search'),
        E.flatMap((queries) => searchPage(queries, query, words)),
      )
}

/** The response for this caller: with the caller's own unread marks, and the names that the caller may see. */
const listed = (
  { people, reading }: Pick<Queries<Helpdesk>, 'people' | 'reading'>,
  caller: Principal,
  { rows, ...page }: ListPage,
): TicketList => {
  const reader: Reader | null = readerOf(caller)
  const ids = rows.map(({ id }) => id)
  const unread = reader === null ? new Set<TicketId>() : reading.unreadAmong(reader, ids)
  const person = personFor(
    caller,
    people,
    rows.flatMap(({ author, assignee }) => (assignee === null ? [author] : [author, assignee])),
  )
  const items = rows.map((row) => ({
    ...row,
    author: person(row.author),
    assignee: row.assignee === null ? null : person(row.assignee),
    unread: unread.has(row.id),
  }))
  return { items, ...page }
}

/** The only account to list: the caller's own, or the requested one for callers who see all. */
const accountFilter = (
  caller: Principal,
  requested: AccountId | undefined,
): E.Either<Refused, AccountId | undefined> => {
  const own = accountOf(caller)
  if (own === null) return E.right(requested)
  return requested === undefined
    ? E.right(own)
    : E.left({ tag: 'Forbidden', reason: 'you see one account only, your own' })
}

const ticketQuery = (
  caller: Principal,
  {
    view = 'active',
    q = '',
    category = [],
    status = [],
    sort,
    limit = 50,
    cursor,
    account,
  }: t.TypeOf<typeof Parameters>,
): E.Either<Refused, TicketQuery> =>
  pipe(
    accountFilter(caller, account),
    E.map((only) => ({
      filter: { account: only, view, categories: category, statuses: status },
      words: q === '' ? null : q,
      sort: sort ?? (q === '' ? '-updated' : 'relevance'),
      limit,
      cursor,
    })),
    E.filterOrElse(
      ({ words, sort: by }) => words !== null || by !== 'relevance',
      (): Refused => invalid('sort', 'can be relevance only where q is given'),
    ),
  )

export const list = readerQuery({
  path: '/v1/tickets',
  operationId: 'listTickets',
  summary: 'List or search the tickets of one tab, page by page',
  may: ['customer', 'support', 'auditor', 'service'],
  query: Parameters,
  response: TicketList,
  answer: ({ readModels }, { caller }, parameters) =>
    pipe(
      E.Do,
      E.bindW('wanted', () => ticketQuery(caller, parameters)),
      E.bindW('page', ({ wanted }) => pageOf(readModels, wanted)),
      E.bindW('queries', () => requireQueries(readModels, 'people', 'reading')),
      E.map(({ queries, page }) => jsonReply(listed(queries, caller, page))),
    ),
})
