import { useSignal } from '@preact/signals'
import type { TicketResponse } from '../../../api/response-schemas.ts'
import { trimmed } from '../../../../domain/text.ts'
import { post, type Problem } from '../api.ts'
import { isWithinLimits, refusalOf, type KeptDraft } from '../draft.ts'
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
  readonly onSent: () => void
  readonly onClosedMeanwhile: () => void
}) => {
  const { ticket, draft } = props
  const isClosed = ticket.status === 'closed'
  const isSupport = me.value?.role === 'support'
  const uploads = uploadsOf(draft)
  const problem = useSignal<Problem | null>(null)
  const isSending = useSignal(false)
  const thenStatus = useSignal('')
  const text = trimmed(draft.now.value.text)
  const { files } = draft.now.value
  const isReady =
    (text !== '' || (!isClosed && files.length > 0)) && isWithinLimits(draft) && !isSending.value && !uploads.isBusy()

  const send = async (): Promise<void> => {
    isSending.value = true
    const body = {
      ...(text === '' ? {} : { body: text }),
      ...(files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }),
      ...(isClosed || thenStatus.value === '' ? {} : { thenStatus: thenStatus.value }),
    }
    const what = isClosed ? 'reopen' : 'comments'
    const answer = await post(`/v1/tickets/${ticket.id}/${what}`, body, {
      'Idempotency-Key': draft.keyFor([what, body]),
    })
    isSending.value = false
    if (answer.ok) {
      problem.value = null
      thenStatus.value = ''
      draft.clear()
      uploads.dismissRefused()
      props.onSent()
      return
    }
    if (answer.problem.slug === 'ticket-closed') props.onClosedMeanwhile()
    else problem.value = refusalOf(draft, answer.problem)
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
        isHeld={isSending.value}
        hasFocus={isClosed}
      >
        {isSupport && !isClosed && (
          <label class="inline">
            <span>{words.andThen}</span>
            <select value={thenStatus.value} onChange={({ currentTarget }) => (thenStatus.value = currentTarget.value)}>
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
