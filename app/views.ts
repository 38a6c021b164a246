import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { listsAreMade, type Sort, type TicketQuery, type TicketRows, type Views } from '../adapters/http/views.ts'
import { invalid, type Refusal } from '../domain/refusal.ts'
import type { Keyset, ListFilter, ListOrder, TicketRow } from '../projections/ticket-list/queries.ts'
import { notificationViews, readerOf } from './notification-views.ts'
import type { Helpdesk, Reporting } from '../projections/registry.ts'
import type { ReadModels } from './projections/read-models.ts'
import { reportViews } from './report-views.ts'

/** A place in a list, bound to the order that it was made for. */
const Cursor = t.strict({ sort: t.string, at: t.string, id: t.string, rank: t.number })
/** The last row of the page before, and how many rows of a search stood up to it. */
type Place = Keyset & { readonly rank: number }

const encode = (sort: Sort, place: Place): string =>
  Buffer.from(JSON.stringify({ sort, ...place })).toString('base64url')

const decodeCursor = (sort: Sort, text: string): Either<Refusal, Place> => {
  const refused = left(invalid('cursor', 'is not one of this list; start without it'))
  try {
    const decoded = Cursor.decode(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return decoded._tag === 'Right' && decoded.right.sort === sort ? right(decoded.right) : refused
  } catch {
    return refused
  }
}

const valueOf = (row: TicketRow, sort: Sort): string => (sort.endsWith('created') ? row.created : row.updated)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Where `a` stands to `b` in an order by value, ties broken by id. */
const inOrder = (sort: Sort, a: Keyset, b: Keyset): number =>
  (sort.startsWith('-') ? -1 : 1) * (compare(a.at, b.at) || compare(a.id, b.id))

const keyOf = (row: TicketRow, sort: Sort): Keyset => ({ at: valueOf(row, sort), id: row.id })

/** Hits in the asked order; those of relevance come ranked already. */
const ordered = (rows: readonly TicketRow[], sort: Sort): readonly TicketRow[] =>
  sort === 'relevance' ? rows : rows.toSorted((a, b) => inOrder(sort, keyOf(a, sort), keyOf(b, sort)))

/** How many of the hits stood on the pages before. The ticket that a cursor names may have left them since. */
const passed = (rows: readonly TicketRow[], sort: Sort, place: Place): number => {
  if (sort !== 'relevance') return rows.filter((row) => inOrder(sort, keyOf(row, sort), place) <= 0).length
  const at = rows.findIndex(({ id }) => id === place.id)
  return at < 0 ? place.rank - 1 : at + 1
}

const filterOf = ({ account, view, categories, statuses }: TicketQuery): ListFilter => ({
  account: account ?? undefined,
  view,
  categories,
  statuses,
})

/** As many as somebody reads through; more letters find the others. */
const mostCustomers = 20

type Colleague = ReturnType<Views['team']>[number]

/**
 * Answers the HTTP adapter's queries from the read models: each from one of them, put together here. `known` are of the
 * team though the log has not seen them.
 */
export const createViews = (
  models: ReadModels<Helpdesk>,
  reports: ReadModels<Reporting>,
  known: readonly Colleague[],
): Views => {
  const asRows = (query: TicketQuery, rows: readonly TicketRow[]): TicketRows['items'] => {
    const ids = rows.map(({ id }) => id)
    const unread =
      query.reader === null ? new Set<string>() : models.queries().reading.unreadAmong(readerOf(query.reader), ids)
    return rows.map((row) => ({
      id: row.id,
      account: row.account,
      subject: row.subject,
      author: row.author,
      assignee: row.assignee,
      status: row.status,
      category: row.category,
      createdAt: row.created,
      updatedAt: row.updated,
      version: row.version,
      unread: unread.has(row.id),
    }))
  }

  const nextOf = (sort: Sort, page: readonly TicketRow[], more: boolean, before = 0): string | null => {
    const last = page.at(-1)
    return more && last !== undefined ? encode(sort, { ...keyOf(last, sort), rank: before + page.length }) : null
  }

  const list = (query: TicketQuery, order: ListOrder, after: Keyset | undefined): TicketRows => {
    const { tickets } = models.queries()
    const rows = tickets.page(filterOf(query), order, after, query.limit + 1)
    const page = rows.slice(0, query.limit)
    return {
      items: asRows(query, page),
      next: nextOf(order, page, rows.length > query.limit),
      total: tickets.total(filterOf(query)),
    }
  }

  const found = (query: TicketQuery, q: string, after: Place | undefined): TicketRows => {
    const hits = models.queries().search.find(filterOf(query), q)
    const rows = ordered(hits.rows, query.sort)
    const from = after === undefined ? 0 : passed(rows, query.sort, after)
    const page = rows.slice(from, from + query.limit)
    return {
      items: asRows(query, page),
      next: nextOf(query.sort, page, rows.length > from + query.limit, from),
      total: rows.length,
      ...(hits.capped ? { totalCapped: true } : {}),
    }
  }

  return {
    tickets: (query) => {
      if (!models.ready()) return left(listsAreMade)
      const after = query.cursor === null ? right(undefined) : decodeCursor(query.sort, query.cursor)
      if (after._tag === 'Left') return after
      if (query.q !== null) return right(found(query, query.q, after.right))
      return right(list(query, query.sort === 'relevance' ? '-updated' : query.sort, after.right))
    },
    unread: (reader, ticket) => models.queries().reading.unreadAmong(readerOf(reader), [ticket]).has(ticket),
    names: (ids) => models.queries().people.byIds(ids),
    person: (id) => {
      const seen = models.queries().people.byIds([id]).get(id)
      if (seen === undefined) return null
      const { name, email, role, account } = seen
      if (role === 'support') return { id, name, email, role }
      return role === 'customer' && account !== null ? { id, name, email, role, account } : null
    },
    team: () => {
      const { people } = models.queries()
      const seen = people.byIds(people.team())
      return [...seen.values(), ...known.filter(({ id }) => !seen.has(id))]
        .map(({ id, name, email }) => ({ id, name, email }))
        .toSorted((a, b) => compare(a.name, b.name))
    },
    customers: (query) => {
      const { people, search } = models.queries()
      return [...people.byIds(search.named(query)).values()]
        .flatMap(({ id, name, email, role, account }) =>
          role === 'customer' && account !== null ? [{ id, name, email, account }] : [],
        )
        .slice(0, mostCustomers)
        .toSorted((a, b) => compare(a.name, b.name))
    },
    counters: (reader) => ({
      waiting: models.queries().tickets.waiting(readerOf(reader).account),
      unreadTickets: models.queries().reading.unreadTickets(readerOf(reader)),
      unreadNotifications: models.queries().notifications.unseen(readerOf(reader)),
    }),
    ...notificationViews(models),
    file: (id) => models.queries().files.find(id),
    isOver: (session) => models.queries().sessions.isOver(session),
    ...reportViews(reports),
    projections: () => [...models.status(), ...reports.status()],
    waitFor: models.waitFor,
    ready: models.ready,
  }
}
