import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { TicketResponse } from '../../../api/response-schemas.ts'
import { get, post, type Problem } from '../api.ts'
import { draftOf, isBegun } from '../draft.ts'
import { changed, newest, refreshCounters } from '../live.ts'
import { Failed, Loading, StatusMark, useTitle } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Information } from '../parts/information.tsx'
import { Messages } from '../parts/messages.tsx'
import { ConfirmClose } from '../parts/confirm-close.tsx'
import { Reply } from '../parts/reply.tsx'
import { Support } from '../parts/support.tsx'
import { sendMessage } from '../send-message.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { NotFound } from './not-found.tsx'

/** A ticket with its messages and the actions that the person may take. */
export const TicketPage = ({ id }: { readonly id: string }) => {
  const ticket = useSignal<TicketResponse | null>(null)
  const problem = useSignal<Problem | null>(null)
  const refused = useSignal<Problem | null>(null)
  const isInformationOpen = useSignal(false)
  const isClosing = useSignal(false)
  const isReopening = useSignal(false)
  const isClosedMeanwhile = useSignal(false)
  /** The command that is under way. */
  const acting = useSignal<string | null>(null)
  const latestLoad = useRef(0)
  /** The version that one's own close made; a load that overlaps the command may show it after the answer. */
  const ownClose = useRef(0)
  const draft = draftOf(me.value?.id ?? '', id)
  useTitle(ticket.value?.subject ?? id)

  const mayAct = me.value?.role === 'customer' || me.value?.role === 'support'
  const markSeen = async (version: number): Promise<void> => {
    if (!mayAct || document.hidden) return
    if (newest.value?.ticket.id === id) newest.value = null
    await post(`/v1/tickets/${id}/seen`, { upTo: version })
    void refreshCounters()
  }
  const load = async (): Promise<void> => {
    const own = ++latestLoad.current
    const answer = await get<TicketResponse>(`/v1/tickets/${id}`)
    if (own !== latestLoad.current) return
    problem.value = answer.ok ? null : answer.problem
    if (!answer.ok) return
    const before = ticket.value
    ticket.value = answer.value
    const isClosed = answer.value.status === 'closed'
    if (!isClosed) isReopening.value = false
    else if (mayAct && isBegun(draft)) isReopening.value = true
    // One's own close is no surprise, and neither is a ticket that was closed when the page was opened.
    if (!isClosed) isClosedMeanwhile.value = false
    else if (before?.id === id && before.status !== 'closed')
      isClosedMeanwhile.value = acting.value !== 'close' && ownClose.current <= before.version
    void markSeen(answer.value.version)
  }
  useEffect(() => void load(), [id])
  useEffect(() => {
    if (changed.value.n > 0 && (changed.value.id === null || changed.value.id === id)) void load()
  }, [changed.value.n])
  useEffect(() => {
    const looked = (): void => {
      if (!document.hidden && ticket.value !== null) void markSeen(ticket.value.version)
    }
    document.addEventListener('visibilitychange', looked)
    return () => document.removeEventListener('visibilitychange', looked)
  }, [id])

  /**
   * Sends a command for the version that is shown; after a version conflict the page shows the new one. A second click
   * while a command is under way sends nothing: it would conflict with the first.
   */
  const act = async (what: string, body: unknown = {}): Promise<void> => {
    if (acting.value !== null) return
    acting.value = what
    const version = ticket.value?.version ?? 0
    const answer = await post<{ readonly version: number }>(`/v1/tickets/${id}/${what}`, body, {
      'If-Match': `"${version}"`,
    })
    if (answer.ok && what === 'close') ownClose.current = answer.value.version
    const isOld = !answer.ok && answer.problem.slug === 'version-conflict'
    refused.value = answer.ok ? null : isOld ? { ...answer.problem, detail: words.movedOn } : answer.problem
    await load()
    acting.value = null
  }

  /** Sends the draft and closes. Support does both by one command; a customer by two, of which the second may fail. */
  const sendAndClose = async (): Promise<void> => {
    if (acting.value !== null) return
    const isOneCommand = me.value?.role === 'support'
    acting.value = isOneCommand ? 'close' : 'comments'
    const sent = await sendMessage(draft, id, 'comments', isOneCommand ? 'closed' : '')
    refused.value = sent.ok || sent.problem.slug === 'ticket-closed' ? null : sent.problem
    if (sent.ok && isOneCommand) ownClose.current = sent.value.version
    if (sent.ok && !isOneCommand) {
      acting.value = 'close'
      const closed = await post<{ readonly version: number }>(
        `/v1/tickets/${id}/close`,
        {},
        {
          'If-Match': `"${sent.value.version}"`,
          'Idempotency-Key': crypto.randomUUID(),
        },
      )
      if (closed.ok) ownClose.current = closed.value.version
      else refused.value = { ...closed.problem, detail: words.sentNotClosed(closed.problem.detail) }
    }
    await load()
    acting.value = null
  }

  if (problem.value?.status === 404) return <NotFound />
  if (ticket.value === null) {
    return problem.value === null ? <Loading /> : <Failed problem={problem.value} again={() => void load()} />
  }
  const shown = ticket.value
  const isClosed = shown.status === 'closed'
  return (
    <article class="ticket" aria-busy={acting.value !== null}>
      <header class="heading">
        <p class="quiet">
          {shown.id} <StatusMark status={shown.status} />
        </p>
        <div class="actions">
          {mayAct && !isClosed && (
            <button type="button" disabled={acting.value !== null} onClick={() => (isClosing.value = true)}>
              {words.closeTicket}
            </button>
          )}
          {mayAct && isClosed && (
            <button type="button" onClick={() => (isReopening.value = true)}>
              {words.reopenTicket}
            </button>
          )}
          <button
            type="button"
            class="icon"
            aria-label={words.additional}
            aria-expanded={isInformationOpen.value}
            onClick={() => (isInformationOpen.value = !isInformationOpen.value)}
          >
            <Icon name={isInformationOpen.value ? 'up' : 'down'} />
          </button>
        </div>
      </header>
      <h1 dir="auto">{shown.subject ?? words.erased}</h1>
      {refused.value !== null && <Failed problem={refused.value} />}
      {isInformationOpen.value && <Information ticket={shown} onClose={() => (isInformationOpen.value = false)} />}
      {me.value?.role === 'support' && !isClosed && <Support ticket={shown} act={act} isBusy={acting.value !== null} />}
      <Messages ticket={shown} />
      {mayAct && (!isClosed || isReopening.value) && (
        <Reply
          ticket={shown}
          draft={draft}
          isClosedMeanwhile={isClosedMeanwhile.value}
          isBusy={acting.value !== null}
          onClosedMeanwhile={() => void load()}
          onSent={() => {
            isReopening.value = false
            void load()
          }}
        />
      )}
      {isClosing.value && (
        <ConfirmClose
          draft={draft}
          onConfirm={() => void act('close')}
          onSendAndConfirm={() => void sendAndClose()}
          onClose={() => (isClosing.value = false)}
        />
      )}
    </article>
  )
}
