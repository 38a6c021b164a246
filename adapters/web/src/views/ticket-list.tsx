import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { TicketItem, TicketList as Listed } from '../../../http/answers.ts'
import { get, type Problem } from '../api.ts'
import { categoryName } from '../categories.ts'
import { draftOf, isBegun } from '../draft.ts'
import { changed } from '../live.ts'
import { Failed, Loading, personName, StatusMark, useTitle, When } from '../parts/basics.tsx'
import { Toolbar } from '../parts/toolbar.tsx'
import { address, go } from '../router.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { NewTicketForm } from './new-ticket.tsx'

type View = 'active' | 'archive'
type Column = 'updated' | 'created'

const pageSize = 50
const mostRows = 200

/** What the server is asked for a page of this address. */
const asked = (view: View, query: URLSearchParams, limit: number, cursor: string | null): string => {
  const parameters = new URLSearchParams({ view, limit: String(limit) })
  for (const name of ['q', 'category', 'status', 'sort', 'account']) {
    for (const value of query.getAll(name)) if (value !== '') parameters.append(name, value)
  }
  if (cursor !== null) parameters.set('cursor', cursor)
  return `/v1/tickets?${parameters}`
}

/** Sorted by nothing that was asked for, the newest update stands first; a search ranks by itself. */
const sortOf = (query: URLSearchParams): string => query.get('sort') ?? (query.get('q') ? 'relevance' : '-updated')

const Sorted = ({ column, text }: { readonly column: Column; readonly text: string }) => {
  const { path, query } = address.value
  const sort = sortOf(query)
  const isDown = sort === `-${column}`
  const isUp = sort === column
  const turn = (): void => {
    const next = new URLSearchParams(query)
    next.set('sort', isDown ? column : `-${column}`)
    go(`${path}?${next}`)
  }
  return (
    <th scope="col" class={column} aria-sort={isDown ? 'descending' : isUp ? 'ascending' : 'none'}>
      <button type="button" onClick={turn}>
        {text}
        <span aria-hidden="true" class={isDown || isUp ? 'arrow' : 'arrow idle'}>
          {isUp ? '↑' : '↓'}
        </span>
      </button>
    </th>
  )
}

const Row = ({ item, withAccount }: { readonly item: TicketItem; readonly withAccount: boolean }) => (
  <tr class={item.unread ? 'unread' : ''}>
    <td class="id">{item.id}</td>
    {withAccount && <td class="account">{item.account}</td>}
    <td class="author">{personName(item.author)}</td>
    <td class="title">
      <a href={`/tickets/${item.id}`}>
        {item.subject ?? words.erased}
        {item.unread && <span class="unseen"> ({words.unread})</span>}
      </a>
    </td>
    <td class="state">
      <StatusMark status={item.status} />
    </td>
    <td class="category">{categoryName(item.category)}</td>
    <td class="updated">
      <When at={item.updatedAt} />
    </td>
    <td class="created">
      <When at={item.createdAt} />
    </td>
  </tr>
)

const Rows = ({ items, title }: { readonly items: readonly TicketItem[]; readonly title: string }) => {
  const withAccount = me.value?.account === null
  return (
    <table class="tickets">
      <caption class="unseen">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{words.id}</th>
          {withAccount && (
            <th scope="col" class="account">
              {words.account}
            </th>
          )}
          <th scope="col" class="author">
            {words.author}
          </th>
          <th scope="col" class="title">
            {words.title}
          </th>
          <th scope="col">{words.status}</th>
          <th scope="col" class="category">
            {words.category}
          </th>
          <Sorted column="updated" text={words.updated} />
          <Sorted column="created" text={words.created} />
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Row key={item.id} item={item} withAccount={withAccount} />
        ))}
      </tbody>
    </table>
  )
}

const isNarrowed = (query: URLSearchParams): boolean =>
  ['q', 'category', 'status', 'account'].some((name) => (query.get(name) ?? '') !== '')

/** The tabs Tickets and Archive. */
export const TicketList = ({ view }: { readonly view: View }) => {
  const title = view === 'active' ? words.tickets : words.archive
  useTitle(title)
  const list = useSignal<Listed | null>(null)
  const problem = useSignal<Problem | null>(null)
  const isFirst = useSignal(false)
  const turn = useRef(0)
  const { query } = address.value
  const question = asked(view, query, pageSize, null)

  /** Adds pages to what is given until there are so many rows, or no more. */
  const load = async (before: Listed | null, wanted: number): Promise<void> => {
    const own = ++turn.current
    let read = before
    do {
      const missing = Math.min(mostRows, wanted - (read?.items.length ?? 0))
      const answer = await get<Listed>(asked(view, address.value.query, missing, read?.next ?? null))
      // A later question has been asked meanwhile: this answer is not for it.
      if (own !== turn.current) return
      problem.value = answer.ok ? null : answer.problem
      if (!answer.ok) return
      read = { ...answer.value, items: [...(read?.items ?? []), ...answer.value.items] }
    } while (read.next !== null && read.items.length < wanted)
    list.value = read
  }
  const again = (): void => void load(null, Math.max(pageSize, list.value?.items.length ?? 0))
  useEffect(() => void load(null, pageSize), [question])
  useEffect(() => {
    if (changed.value.n > 0) again()
  }, [changed.value.n])

  const isEmpty = list.value?.items.length === 0 && !isNarrowed(query)
  useEffect(() => {
    // Who has begun to write goes on, though a colleague was faster.
    if (isFirst.value && isBegun(draftOf(me.value?.id ?? '', 'new'))) return
    if (!isEmpty || view === 'archive' || me.value?.role !== 'customer') {
      isFirst.value = false
      return
    }
    void get<Listed>('/v1/tickets?view=archive&limit=1').then((answer) => {
      isFirst.value = answer.ok && answer.value.items.length === 0
    })
  }, [isEmpty])

  const mayOpen = me.value?.role === 'customer' || me.value?.role === 'support'
  if (isFirst.value) {
    return (
      <>
        <h1>{words.newTicket}</h1>
        <p>{words.first}</p>
        <NewTicketForm />
      </>
    )
  }
  return (
    <>
      <div class="heading">
        <h1>{title}</h1>
        {mayOpen && (
          <a class="button primary" href="/new">
            {words.newTicket}
          </a>
        )}
      </div>
      <Toolbar />
      {problem.value !== null && <Failed problem={problem.value} again={again} />}
      {list.value === null && problem.value === null && <Loading />}
      {list.value !== null && list.value.items.length === 0 && (
        <p role="status">{isNarrowed(query) ? words.noHits : words.noTickets}</p>
      )}
      {list.value !== null && list.value.items.length > 0 && (
        <>
          <Rows items={list.value.items} title={title} />
          <p class="quiet" role="status">
            {words.total(list.value.total, list.value.totalCapped === true)}
          </p>
          {list.value.next !== null && (
            <button type="button" onClick={() => void load(list.value, (list.value?.items.length ?? 0) + pageSize)}>
              {words.showMore}
            </button>
          )}
        </>
      )}
    </>
  )
}
