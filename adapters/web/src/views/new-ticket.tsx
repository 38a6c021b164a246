import { useSignal } from '@preact/signals'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import { trimmed } from '../../../../domain/text.ts'
import { post, type Problem } from '../api.ts'
import { categories } from '../categories.ts'
import { draftOf, fieldOf, isWithinLimits, refusalOf, setField, type KeptDraft } from '../draft.ts'
import { Failed, useTitle } from '../parts/basics.tsx'
import { Composer } from '../parts/composer.tsx'
import { Field } from '../parts/field.tsx'
import { isNamed, Requester, requesterOf } from '../parts/requester.tsx'
import { address, go, type Address } from '../router.ts'
import { me } from '../session.ts'
import { uploadsOf } from '../uploads.ts'
import { words } from '../words.ts'

/**
 * Takes category and source from the address of a context link into the draft, together and once: what the person chooses
 * afterwards stays, through a reload too, until another link is followed.
 */
const followContextLink = (draft: KeptDraft, { path, query }: Address): void => {
  const [category, source] = [query.get('category') ?? '', query.get('source') ?? '']
  const link = new URLSearchParams({ category, source }).toString()
  if (path !== '/new' || (category === '' && source === '') || fieldOf(draft, 'link') === link) return
  draft.change({ fields: { ...draft.now.value.fields, category, source, link } })
}

/** The category from the draft, else the first one. */
const categoryOf = (draft: KeptDraft): string => {
  const open = categories.value.filter(({ retired }) => !retired)
  const wanted = fieldOf(draft, 'category')
  return open.some(({ id }) => id === wanted) ? wanted : (open[0]?.id ?? '')
}

const bodyOf = (draft: KeptDraft, isSupport: boolean) => {
  const { text, files } = draft.now.value
  const source = fieldOf(draft, 'source')
  return {
    subject: trimmed(fieldOf(draft, 'subject')),
    description: trimmed(text),
    category: categoryOf(draft),
    ...(files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }),
    ...(source === '' ? {} : { source }),
    ...(isSupport ? { requester: requesterOf(draft) } : {}),
  }
}

export const NewTicketForm = () => {
  const isSupport = me.value?.role === 'support'
  const draft = useMemo(() => draftOf(me.value?.id ?? '', 'new'), [me.value?.id])
  const problem = useSignal<Problem | null>(null)
  const isSending = useSignal(false)
  const uploads = uploadsOf(draft)
  useLayoutEffect(() => followContextLink(draft, address.value), [draft, address.value])
  const body = bodyOf(draft, isSupport)
  const isReady =
    body.subject !== '' &&
    body.description !== '' &&
    isWithinLimits(draft) &&
    (!isSupport || isNamed(requesterOf(draft)))

  const send = async (): Promise<void> => {
    isSending.value = true
    const answer = await post<{ readonly id: string }>('/v1/tickets', body, { 'Idempotency-Key': draft.keyFor(body) })
    isSending.value = false
    problem.value = answer.ok ? null : refusalOf(draft, answer.problem)
    if (!answer.ok) return
    draft.clear()
    uploads.dismissRefused()
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
