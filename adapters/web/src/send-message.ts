import { trimmed } from '../../../domain/text.ts'
import type { Status } from '../../../domain/ticket/status.ts'
import { post, type Answer } from './api.ts'
import { isWithinLimits, refusalOf, type KeptDraft } from './draft.ts'
import { uploadsOf } from './uploads.ts'

interface Receipt {
  readonly version: number
}

/** Whether a draft's text and files can be sent as a message. `needsText`: files alone are not enough. */
export const isSendable = (draft: KeptDraft, needsText: boolean): boolean => {
  const { text, files } = draft.now.value
  const hasContent = trimmed(text) !== '' || (!needsText && files.length > 0)
  return hasContent && isWithinLimits(draft) && !uploadsOf(draft).isBusy()
}

/** Sends a draft as a comment, or as the message that reopens the ticket. Once the server has it, the draft is empty. */
export const sendMessage = async (
  draft: KeptDraft,
  ticket: string,
  what: 'comments' | 'reopen',
  thenStatus: Status | '' = '',
): Promise<Answer<Receipt>> => {
  const text = trimmed(draft.now.value.text)
  const { files } = draft.now.value
  const body = {
    ...(text === '' ? {} : { body: text }),
    ...(files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }),
    ...(thenStatus === '' ? {} : { thenStatus }),
  }
  const answer = await post<Receipt>(`/v1/tickets/${ticket}/${what}`, body, {
    'Idempotency-Key': draft.keyFor([what, body]),
  })
  if (!answer.ok) return { ok: false, problem: refusalOf(draft, answer.problem) }
  draft.clear()
  uploadsOf(draft).dismissRefused()
  return answer
}
