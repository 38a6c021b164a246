import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { HistoryAnswer, TicketAnswer } from '../../../http/answers.ts'
import { get, type Problem } from '../api.ts'
import { Failed, Loading, StatusMark, useTitle, When } from '../parts/basics.tsx'
import { Messages } from '../parts/messages.tsx'
import { words } from '../words.ts'
import { NotFound } from './not-found.tsx'

/** A ticket's events in their order, and the ticket as it stood after any of them. */
export const History = ({ id }: { readonly id: string }) => {
  useTitle(`${words.historyOf} ${id}`)
  const history = useSignal<HistoryAnswer | null>(null)
  const ticket = useSignal<TicketAnswer | null>(null)
  const version = useSignal<number | null>(null)
  const problem = useSignal<Problem | null>(null)
  useEffect(() => {
    void get<HistoryAnswer>(`/v1/tickets/${id}/history`).then((answer) => {
      problem.value = answer.ok ? null : answer.problem
      if (!answer.ok) return
      history.value = answer.value
      version.value = answer.value.items.length
    })
  }, [id])
  useEffect(() => {
    if (version.value === null) return
    const asked = version.value
    void get<TicketAnswer>(`/v1/tickets/${id}?version=${asked}`).then((answer) => {
      if (asked === version.value && answer.ok) ticket.value = answer.value
    })
  }, [version.value])
  if (problem.value?.status === 404) return <NotFound />
  if (problem.value !== null) return <Failed problem={problem.value} />
  if (history.value === null) return <Loading />
  const { items } = history.value
  return (
    <>
      <h1>
        {words.historyOf} <a href={`/tickets/${id}`}>{id}</a>
      </h1>
      <p class="quiet">{words.chain}</p>
      <ol class="timeline">
        {items.map((event) => (
          <li key={event.id}>
            <button
              type="button"
              aria-pressed={event.version === version.value}
              onClick={() => (version.value = event.version)}
            >
              {event.version}
            </button>
            <span>
              <strong>{event.type}</strong> {event.actor.name ?? event.actor.id} ({words.roles[event.actor.role]})
            </span>
            <When at={event.occurredAt} />
            <code title={event.hash}>{event.hash.slice(0, 12)}</code>
          </li>
        ))}
      </ol>
      <label class="slider">
        <span>{words.versionOf(version.value ?? items.length, items.length)}</span>
        <input
          type="range"
          min={1}
          max={items.length}
          value={version.value ?? items.length}
          onInput={({ currentTarget }) => (version.value = Number(currentTarget.value))}
        />
      </label>
      {ticket.value !== null && (
        <section class="card" aria-label={words.asItStood}>
          <h2>
            {ticket.value.subject ?? words.erased} <StatusMark status={ticket.value.status} />
          </h2>
          <Messages ticket={ticket.value} />
        </section>
      )}
    </>
  )
}
