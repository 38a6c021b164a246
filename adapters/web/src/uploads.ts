import { signal, type Signal } from '@preact/signals'
import { fileKinds, kindOfName, MB, mostFiles } from '../../../domain/files/kinds.ts'
import { noteStatus, problemOf } from './api.ts'
import type { DraftFile, KeptDraft } from './draft.ts'
import { parsed } from './parsed.ts'
import { words } from './words.ts'

/** An upload in progress, or one that was refused. */
export interface Upload {
  readonly key: number
  readonly name: string
  /** Between 0 and 1. */
  readonly progress: number
  /** Why it was refused; null while it is in progress. */
  readonly reason: string | null
  readonly cancel: () => void
}

export interface Uploads {
  readonly now: Signal<readonly Upload[]>
  readonly add: (files: Iterable<File>) => void
  /** Whether uploads are in progress. */
  readonly isBusy: () => boolean
  /** Removes the refused ones from the list. */
  readonly dismissRefused: () => void
}

/** Grows across reloads too, so that a draft's files keep the order in which they were added. */
let made = Date.now()

/** The refusal that the server would give, found before the upload. */
const foreseen = ({ name, size }: File): string | null => {
  const kind = kindOfName(name)
  if (kind === null) return words.wrongKind
  const { limit } = fileKinds[kind]
  return size > limit ? words.tooLarge(limit / MB) : null
}

/** Uploads files; each that the server stored is added to the draft. */
const uploadsInto = (draft: KeptDraft): Uploads => {
  const now = signal<readonly Upload[]>([])
  const change = (key: number, part: Partial<Upload>): void => {
    now.value = now.value.map((each) => (each.key === key ? { ...each, ...part } : each))
  }
  const dismiss = (key: number): void => {
    now.value = now.value.filter((each) => each.key !== key)
  }

  const send = (file: File): void => {
    const key = ++made
    const refused = foreseen(file)
    const request = new XMLHttpRequest()
    const cancel = (): void => {
      request.abort()
      dismiss(key)
    }
    now.value = [...now.value, { key, name: file.name, progress: 0, reason: refused, cancel }]
    if (refused !== null) return
    request.upload.addEventListener('progress', ({ loaded, total }) => change(key, { progress: loaded / total }))
    request.addEventListener('error', () => change(key, { reason: words.offline }))
    request.addEventListener('load', () => {
      noteStatus(request.status)
      if (request.status !== 201) return change(key, { reason: problemOf(request.status, request.responseText).detail })
      const { files } = parsed<{ readonly files: readonly Omit<DraftFile, 'nth'>[] }>(request.responseText)
      draft.change({
        files: [...draft.now.value.files, ...files.map((file) => ({ ...file, nth: key }))].toSorted(
          (a, b) => a.nth - b.nth,
        ),
      })
      dismiss(key)
    })
    const form = new FormData()
    form.append('file', file)
    request.open('POST', '/v1/files')
    request.send(form)
  }

  return {
    now,
    isBusy: () => now.value.some(({ reason }) => reason === null),
    dismissRefused: () => (now.value = now.value.filter(({ reason }) => reason === null)),
    add: (files) => {
      for (const file of files) {
        const underWay = now.value.filter(({ reason }) => reason === null).length
        if (draft.now.value.files.length + underWay < mostFiles) send(file)
        else {
          const key = ++made
          now.value = [
            ...now.value,
            { key, name: file.name, progress: 0, reason: words.tooMany, cancel: () => dismiss(key) },
          ]
        }
      }
    },
  }
}

const known = new Map<KeptDraft, Uploads>()

/** The uploads of a draft. They belong to it, not to what is shown: they go on while another page is open. */
export const uploadsOf = (draft: KeptDraft): Uploads => {
  const uploads = known.get(draft) ?? uploadsInto(draft)
  known.set(draft, uploads)
  return uploads
}

/** Aborts all uploads in progress, and takes the refused ones off the lists. */
export const endUploads = (): void => {
  for (const { now } of known.values()) for (const { cancel } of now.value) cancel()
}

// A reload would end uploads in progress, so the browser asks first.
addEventListener('beforeunload', (event) => {
  if ([...known.values()].some((uploads) => uploads.isBusy())) event.preventDefault()
})
