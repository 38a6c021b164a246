import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { NotificationList } from '../../../api/response-schemas.ts'
import { get, post, type Problem } from '../api.ts'
import { changed, counters, refreshCounters } from '../live.ts'
import { Failed, Loading, personName, useTitle, When } from '../parts/basics.tsx'
import { words } from '../words.ts'

const all = new Intl.ListFormat('en')

/** The person's notifications, newest first. */
export const Notifications = () => {
  useTitle(words.notifications)
  const list = useSignal<NotificationList | null>(null)
  const problem = useSignal<Problem | null>(null)
  const load = async (cursor: string | null): Promise<void> => {
    const answer = await get<NotificationList>(
      `/v1/notifications?limit=50${cursor === null ? '' : `&cursor=${cursor}`}`,
    )
    problem.value = answer.ok ? null : answer.problem
    if (!answer.ok) return
    const before = cursor === null ? [] : (list.value?.items ?? [])
    list.value = { ...answer.value, items: [...before, ...answer.value.items] }
  }
  useEffect(() => void load(null), [changed.value.n])
  const markAll = async (): Promise<void> => {
    const newest = list.value?.items[0]?.id
    const answer = await post('/v1/notifications/seen', newest === undefined ? {} : { upTo: newest })
    problem.value = answer.ok ? null : answer.problem
    await Promise.all([load(null), refreshCounters()])
  }
  return (
    <>
      <div class="heading">
        <h1>{words.notifications}</h1>
        {counters.value.unreadNotifications > 0 && (
          <button type="button" onClick={() => void markAll()}>
            {words.markAll}
          </button>
        )}
      </div>
      {problem.value !== null && <Failed problem={problem.value} again={() => void load(null)} />}
      {list.value === null && problem.value === null && <Loading />}
      {list.value?.items.length === 0 && <p>{words.noNotifications}</p>}
      <ul class="notifications">
        {list.value?.items.map((each) => (
          <li key={each.id} class={each.seen ? '' : 'unread'}>
            <a href={`/tickets/${each.ticket.id}`} dir="auto">
              {each.ticket.subject ?? each.ticket.id}
            </a>
            <span>
              {personName(each.actor)} {all.format([...each.also, each.kind].map((kind) => words.kinds[kind]))}
              {!each.seen && <span class="unseen"> ({words.unread})</span>}
            </span>
            <When at={each.at} />
          </li>
        ))}
      </ul>
      {list.value !== null && list.value.next !== null && (
        <button type="button" onClick={() => void load(list.value?.next ?? null)}>
          {words.showMore}
        </button>
      )}
    </>
  )
}
