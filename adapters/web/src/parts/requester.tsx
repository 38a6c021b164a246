import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { CustomersResponse } from '../../../api/response-schemas.ts'
import { get } from '../api.ts'
import { fieldOf, type KeptDraft } from '../draft.ts'
import { words } from '../words.ts'
import { Field } from './field.tsx'

type Customer = CustomersResponse['items'][number]

const parts = ['name', 'email', 'account', 'id'] as const
const nobody: Customer = { name: '', email: '', account: '', id: '' }

/** The requester in the draft. */
export const requesterOf = (draft: KeptDraft): Customer => {
  const [name, email, account, id] = parts.map((part) => fieldOf(draft, part).trim())
  return { name: name ?? '', email: email ?? '', account: account ?? '', id: id ?? '' }
}

export const isNamed = (requester: Customer): boolean => parts.every((part) => requester[part] !== '')

const between = ' · '
/** Distinguishes people of the same name. It is also the value of the box after one was chosen. */
const lineOf = ({ name, account, email }: Customer): string => [name, account, email].join(between)

/** Chooses the customer for whom a ticket is opened: by name from the known ones, or as a new person. */
export const Requester = ({ draft }: { readonly draft: KeptDraft }) => {
  const known = useSignal<readonly Customer[]>([])
  const latestSearch = useRef(0)
  const typed = fieldOf(draft, 'customer')
  const now = requesterOf(draft)

  /** Editing the box clears a chosen person; one who was entered below stays. */
  const choose = (text: string): boolean => {
    const before = requesterOf(draft)
    const chosen = known.value.find((each) => lineOf(each) === text)
    const left = fieldOf(draft, 'customer') === lineOf(before) ? nobody : before
    draft.change({ fields: { ...draft.now.value.fields, ...(chosen ?? left), customer: text } })
    return chosen !== undefined
  }
  const search = async (text: string): Promise<void> => {
    const own = ++latestSearch.current
    const q = text.split(between)[0] ?? ''
    const answer = await get<CustomersResponse>(`/v1/customers?${new URLSearchParams({ q })}`)
    if (own !== latestSearch.current || !answer.ok) return
    known.value = answer.value.items
    if (fieldOf(draft, 'customer') === text && known.value.some((each) => lineOf(each) === text)) choose(text)
  }
  useEffect(() => void search(typed), [])
  return (
    <fieldset>
      <legend>{words.requester}</legend>
      <label>
        <span>{words.customer}</span>
        <input
          type="text"
          list="customers"
          autocomplete="off"
          placeholder={words.customerHint}
          value={typed}
          onInput={({ currentTarget: { value } }) => {
            if (!choose(value)) void search(value)
          }}
        />
      </label>
      <datalist id="customers">
        {known.value.map((each) => (
          <option key={each.id} value={lineOf(each)} />
        ))}
      </datalist>
      <details open={typed !== lineOf(now) && parts.some((part) => now[part] !== '')}>
        <summary>{words.newCustomer}</summary>
        <Field draft={draft} name="name" text={words.requesterName} required={false} />
        <Field draft={draft} name="email" text={words.requesterEmail} required={false} />
        <Field draft={draft} name="account" text={words.requesterAccount} required={false} />
        <Field draft={draft} name="id" text={words.requesterId} required={false} />
      </details>
    </fieldset>
  )
}
