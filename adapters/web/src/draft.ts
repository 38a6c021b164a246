import { lengthOf, subjectLimit, textLimit, trimmed } from '../../../domain/text.ts'
import type { Problem } from './api.ts'
import { words } from './words.ts'
import { signal, type Signal } from '@preact/signals'

/** An uploaded file of a draft. */
export interface DraftFile {
  readonly id: string
  readonly name: string
  readonly size: number
  /** Its order among the others. */
  readonly nth: number
}

/** A message that is not sent yet. It is kept across a reload, a lost session and a refusal. */
export interface Draft {
  readonly text: string
  readonly files: readonly DraftFile[]
  /** Further fields of a form, by name. */
  readonly fields: Readonly<Record<string, string>>
  /** The Idempotency-Key and the body of the last attempt: sending the same again repeats the command (docs/api.md, Commands). */
  readonly attempt: { readonly key: string; readonly body: string } | null
}

const empty: Draft = { text: '', files: [], fields: {}, attempt: null }

const read = (place: string): Draft => {
  try {
    const stored: Partial<Draft> = JSON.parse(localStorage.getItem(place) ?? '{}')
    return { ...empty, ...stored }
  } catch {
    return empty
  }
}

/** A browser whose storage is full or switched off keeps the draft in memory alone; it can still be sent. */
const store = (place: string, draft: Draft): void => {
  try {
    localStorage.setItem(place, JSON.stringify(draft))
  } catch {
    // An older text must not come back after a reload in place of the newer one that could not be stored.
    remove(place)
  }
}

const remove = (place: string): void => {
  try {
    localStorage.removeItem(place)
  } catch {
    // Storage that refuses to be read holds no draft.
  }
}

export interface KeptDraft {
  readonly now: Signal<Draft>
  readonly change: (part: Partial<Draft>) => void
  readonly clear: () => void
  /** The Idempotency-Key for this body: a new one, unless the last attempt had the same body. */
  readonly keyFor: (body: unknown) => string
}

const kept = new Map<string, KeptDraft>()

const open = (place: string): KeptDraft => {
  const now = signal(read(place))
  const change = (part: Partial<Draft>): void => {
    now.value = { ...now.value, ...part }
    store(place, now.value)
  }
  return {
    now,
    change,
    clear: () => {
      now.value = empty
      remove(place)
    },
    keyFor: (body) => {
      const text = JSON.stringify(body)
      const { attempt } = now.value
      if (attempt?.body === text) return attempt.key
      const key = crypto.randomUUID()
      change({ attempt: { key, body: text } })
      return key
    },
  }
}

export const fieldOf = (draft: KeptDraft, name: string): string => draft.now.value.fields[name] ?? ''

export const setField = (draft: KeptDraft, name: string, value: string): void =>
  draft.change({ fields: { ...draft.now.value.fields, [name]: value } })

/** Whether it holds anything that the person entered. */
export const isBegun = ({ now }: KeptDraft): boolean => {
  const { text, files, fields } = now.value
  return trimmed(text) !== '' || trimmed(fields['subject'] ?? '') !== '' || files.length > 0
}

/** By how many code points a text is longer than the limit, counted as the API counts (docs/api.md, Limits). */
export const excessOf = (text: string, limit: number): number => Math.max(0, lengthOf(trimmed(text)) - limit)

/** Whether the text and the subject are short enough to be sent. */
export const isWithinLimits = ({ now }: KeptDraft): boolean =>
  excessOf(now.value.text, textLimit) === 0 && excessOf(now.value.fields['subject'] ?? '', subjectLimit) === 0

/** Removes and returns the uploads that a refusal names: they are too old, or were used by another message. */
const withoutRefused = (draft: KeptDraft, { detail }: Problem): readonly DraftFile[] => {
  const { files } = draft.now.value
  const gone = files.filter(({ id }) => detail.includes(id))
  if (gone.length > 0) draft.change({ files: files.filter((file) => !gone.includes(file)) })
  return gone
}

/** The refusal of a message as the page shows it. Unknown uploads are removed from the draft and named. */
export const refusalOf = (draft: KeptDraft, problem: Problem): Problem => {
  if (problem.slug !== 'unknown-file') return problem
  const gone = withoutRefused(draft, problem)
  return gone.length === 0 ? problem : { ...problem, detail: words.goneFiles(gone.map(({ name }) => name).join(', ')) }
}

/** Removes all of a person's drafts, also those of other visits. */
export const removeDrafts = (person: string): void => {
  const prefix = `draft:${person}:`
  for (const [place, draft] of kept) if (place.startsWith(prefix)) draft.clear()
  try {
    for (const place of Object.keys(localStorage)) if (place.startsWith(prefix)) remove(place)
  } catch {
    // Storage that refuses to be read holds no draft.
  }
}

/** A person's draft for a ticket by its id, or for a new ticket by `new`. */
export const draftOf = (person: string, what: string): KeptDraft => {
  const place = `draft:${person}:${what}`
  const known = kept.get(place) ?? open(place)
  kept.set(place, known)
  return known
}
