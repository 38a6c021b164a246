import { useSignal } from '@preact/signals'
import type { TicketResponse } from '../../../api/response-schemas.ts'
import type { Problem } from '../api.ts'
import type { KeptDraft } from '../draft.ts'
import { isSendable, sendMessage } from '../send-message.ts'
import { me } from '../session.ts'
import { uploadsOf } from '../uploads.ts'
import { words } from '../words.ts'
import { Failed } from './basics.tsx'
import { Composer } from './composer.tsx'

const nexts = ['in_progress', 'waiting_for_customer', 'closed'] as const

/** The reply form. If the ticket was closed meanwhile, the draft stays and becomes the message that reopens it. */
export const Reply = (props: {
  readonly ticket: TicketResponse
  readonly draft: KeptDraft
  /** Whether somebody else closed it while the page showed it as active. */
  readonly isClosedMeanwhile: boolean
  /** While another command of this page is under way, nothing can be sent. */
  readonly isBusy: boolean
  readonly onSent: () => void
  readonly onClosedMeanwhile: () => void
}) => {
  const { ticket, draft } = props
  const isClosed = ticket.status === 'closed'
  const isSupport = me.value?.role === 'support'
  const uploads = uploadsOf(draft)
  const problem = useSignal<Problem | null>(null)
  const isSending = useSignal(false)
  const thenStatus = useSignal<(typeof nexts)[number] | ''>('')
  const isHeld = isSending.value || props.isBusy
  const isReady = isSendable(draft, isClosed) && !isHeld

  const send = async (): Promise<void> => {
    isSending.value = true
    const answer = isClosed
      ? await sendMessage(draft, ticket.id, 'reopen')
      : await sendMessage(draft, ticket.id, 'comments', thenStatus.value)
    isSending.value = false
    if (answer.ok) {
      problem.value = null
      thenStatus.value = ''
      props.onSent()
      return
    }
    if (answer.problem.slug === 'ticket-closed') props.onClosedMeanwhile()
    else problem.value = answer.problem
  }

  return (
    <form
      class="card reply"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void send()
      }}
    >
      {isClosed && props.isClosedMeanwhile && <p role="alert">{words.closedMeanwhile}</p>}
      <Composer
        draft={draft}
        uploads={uploads}
        label={words.message}
        rows={4}
        required={isClosed}
        isHeld={isHeld}
        hasFocus={isClosed}
      >
        {isSupport && !isClosed && (
          <label class="inline">
            <span>{words.andThen}</span>
            <select
              value={thenStatus.value}
              onChange={({ currentTarget: { value } }) =>
                (thenStatus.value = nexts.find((next) => next === value) ?? '')
              }
            >
              <option value="">{words.thenNothing}</option>
              {nexts.map((status) => (
                <option key={status} value={status}>
                  {words.statuses[status]}
                </option>
              ))}
            </select>
          </label>
        )}
        <button class="primary" disabled={!isReady}>
          {isClosed ? words.sendAndReopen : words.sendMessage}
        </button>
      </Composer>
      {problem.value !== null && <Failed problem={problem.value} />}
    </form>
  )
}
