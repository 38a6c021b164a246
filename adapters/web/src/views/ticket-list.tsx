import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { TicketList as Listed } from '../../../api/response-schemas.ts'
import { get, type Problem } from '../api.ts'
import { draftOf, isBegun } from '../draft.ts'
import { changed } from '../live.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { Rows } from '../parts/ticket-rows.tsx'
import { Toolbar } from '../parts/toolbar.tsx'
import { address } from '../router.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { NewTicketForm } from './new-ticket.tsx'

type View = 'active' | 'archive'
const pageSize = 50
const mostRows = 200

/** The request for a page of the list that the address describes. */
const requestFor = (view: View, query: URLSearchParams, limit: number, cursor: string | null): string => {
  const parameters = new URLSearchParams({ view, limit: String(limit) })
  for (const name of ['q', 'category', 'status', 'sort', 'account']) {
    for (const value of query.getAll(name)) if (value !== '') parameters.append(name, value)
  }
  if (cursor !== null) parameters.set('cursor', cursor)
  return `/v1/tickets?${parameters}`
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
  const latestLoad = useRef(0)
  const { query } = address.value
  const question = requestFor(view, query, pageSize, null)

  /** Loads pages behind `before` until there are `wanted` rows, or no more. */
  const load = async (before: Listed | null, wanted: number): Promise<void> => {
    const own = ++latestLoad.current
    let read = before
    do {
      const missing = Math.min(mostRows, wanted - (read?.items.length ?? 0))
      const answer = await get<Listed>(requestFor(view, address.value.query, missing, read?.next ?? null))
      // A later load has begun meanwhile: this response is outdated.
      if (own !== latestLoad.current) return
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
    // A person who has begun to write keeps the form, even if a colleague opened a ticket meanwhile.
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
