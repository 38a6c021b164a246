import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { trimmed } from '../../../../domain/text.ts'
import { post, type Problem } from '../api.ts'
import { categories } from '../categories.ts'
import { draftOf, fieldOf, refusalOf, setField, type KeptDraft } from '../draft.ts'
import { Failed, useTitle } from '../parts/basics.tsx'
import { Composer } from '../parts/composer.tsx'
import { Field } from '../parts/field.tsx'
import { isNamed, Requester, requesterOf } from '../parts/requester.tsx'
import { address, go } from '../router.ts'
import { me } from '../session.ts'
import { uploadsInto } from '../uploads.ts'
import { words } from '../words.ts'

/** The category from the draft, else from the address, else the first one. */
const categoryOf = (draft: KeptDraft): string => {
  const open = categories.value.filter(({ retired }) => !retired)
  const wanted = fieldOf(draft, 'category') || (address.value.query.get('category') ?? '')
  return open.some(({ id }) => id === wanted) ? wanted : (open[0]?.id ?? '')
}

const bodyOf = (draft: KeptDraft, isSupport: boolean) => {
  const { text, files } = draft.now.value
  const source = address.value.query.get('source')
  return {
    subject: trimmed(fieldOf(draft, 'subject')),
    description: trimmed(text),
    category: categoryOf(draft),
    ...(files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }),
    ...(source === null || source === '' ? {} : { source }),
    ...(isSupport ? { requester: requesterOf(draft) } : {}),
  }
}

export const NewTicketForm = () => {
  const isSupport = me.value?.role === 'support'
  const draft = useMemo(() => draftOf(me.value?.id ?? '', 'new'), [me.value?.id])
  const problem = useSignal<Problem | null>(null)
  const isSending = useSignal(false)
  const uploads = useMemo(() => uploadsInto(draft), [draft])
  const body = bodyOf(draft, isSupport)
  const isReady = body.subject !== '' && body.description !== '' && (!isSupport || isNamed(requesterOf(draft)))

  const send = async (): Promise<void> => {
    isSending.value = true
    const answer = await post<{ readonly id: string }>('/v1/tickets', body, { 'Idempotency-Key': draft.keyFor(body) })
    isSending.value = false
    problem.value = answer.ok ? null : refusalOf(draft, answer.problem)
    if (!answer.ok) return
    draft.clear()
    go(`/tickets/${answer.value.id}`)
  }

  return (
    <form
      class="card new-ticket"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {isSupport && <Requester draft={draft} />}
      <label>
        <span>{words.ticketType}</span>
        <select
          value={categoryOf(draft)}
          onChange={({ currentTarget }) => setField(draft, 'category', currentTarget.value)}
        >
          {categories.value
            .filter(({ retired }) => !retired)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <Field draft={draft} name="subject" text={words.subject} />
      <Composer draft={draft} uploads={uploads} label={words.description} rows={8} required isHeld={isSending.value} />
      {problem.value !== null && <Failed problem={problem.value} />}
      <button class="primary" disabled={!isReady || isSending.value || uploads.isBusy()}>
        {words.createTicket}
      </button>
    </form>
  )
}

/** Links from product pages open it with a category and their own page: `/new?category=…&source=…`. */
export const NewTicket = () => {
  useTitle(words.newTicket)
  return (
    <>
      <h1>{words.newTicket}</h1>
      <NewTicketForm />
    </>
  )
}
