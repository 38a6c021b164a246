import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { HistoryResponse, TicketResponse } from '../../../api/response-schemas.ts'
import { get, type Problem } from '../api.ts'
import { Failed, Loading, StatusMark, useTitle } from '../parts/basics.tsx'
import { Messages } from '../parts/messages.tsx'
import { Proof } from '../parts/proof.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { NotFound } from './not-found.tsx'

type HistoryEvent = HistoryResponse['items'][number]

/**
 * The first version whose event is not chained to the one before; null where all are. That each hash matches its event is
 * checked by the server, which refuses a damaged stream.
 */
const firstBreak = (events: readonly HistoryEvent[]): number | null => {
  const at = events.findIndex(
    ({ version, previousHash }, n) => version !== n + 1 || previousHash !== (events[n - 1]?.hash ?? ''),
  )
  return at < 0 ? null : at + 1
}

const Verified = ({ events }: { readonly events: readonly HistoryEvent[] }) => {
  const broken = firstBreak(events)
  return broken === null ? (
    <p class="verified">{words.verified(events.length)}</p>
  ) : (
    <p class="failed" role="alert">
      {words.broken(broken)}
    </p>
  )
}

/** The ticket at a version. Each reading by an auditor is recorded, so it is loaded only for a chosen version. */
const AsItStood = ({ id, version }: { readonly id: string; readonly version: number }) => {
  const ticket = useSignal<TicketResponse | null>(null)
  const problem = useSignal<Problem | null>(null)
  useEffect(() => {
    let isWanted = true
    void get<TicketResponse>(`/v1/tickets/${id}?version=${version}`).then((answer) => {
      if (!isWanted) return
      problem.value = answer.ok ? null : answer.problem
      if (answer.ok) ticket.value = answer.value
    })
    return () => {
      isWanted = false
    }
  }, [id, version])
  if (problem.value !== null) return <Failed problem={problem.value} />
  if (ticket.value === null) return <Loading />
  return (
    <section aria-label={words.asItStood}>
      <h2 class="subject">
        {ticket.value.subject ?? words.erased} <StatusMark status={ticket.value.status} />
      </h2>
      <Messages ticket={ticket.value} />
    </section>
  )
}

/** A ticket's events in order, whether their hash chain is intact, and the ticket after any of them. */
export const History = ({ id }: { readonly id: string }) => {
  useTitle(`${words.historyOf} ${id}`)
  const history = useSignal<HistoryResponse | null>(null)
  const problem = useSignal<Problem | null>(null)
  /** The version under the moving slider, and the one that was chosen by releasing it. */
  const pointed = useSignal(1)
  const chosen = useSignal(1)
  useEffect(() => {
    void get<HistoryResponse>(`/v1/tickets/${id}/history`).then((answer) => {
      problem.value = answer.ok ? null : answer.problem
      if (!answer.ok) return
      history.value = answer.value
      pointed.value = answer.value.items.length
      chosen.value = answer.value.items.length
    })
  }, [id])
  const mayProve = me.value?.role === 'auditor' || me.value?.role === 'support'
  const choose = (version: number): void => {
    pointed.value = version
    chosen.value = version
  }
  if (problem.value?.status === 404) return <NotFound />
  if (problem.value === null && history.value === null) return <Loading />
  const events = history.value?.items ?? []
  return (
    <>
      <h1>
        {words.historyOf} <a href={`/tickets/${id}`}>{id}</a>
      </h1>
      {problem.value !== null && <Failed problem={problem.value} />}
      {history.value !== null && (
        <>
          <Verified events={events} />
          {mayProve && <Proof id={id} />}
          <label class="slider">
            <span>{words.versionOf(pointed.value, events.length)}</span>
            <input
              type="range"
              min={1}
              max={events.length}
              value={pointed.value}
              onInput={({ currentTarget }) => (pointed.value = Number(currentTarget.value))}
              onChange={({ currentTarget }) => choose(Number(currentTarget.value))}
            />
          </label>
          <div class="history">
            <Timeline events={events} version={pointed.value} onChoose={choose} />
            <AsItStood id={id} version={chosen.value} />
          </div>
        </>
      )}
    </>
  )
}
