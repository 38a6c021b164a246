import { useLayoutEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { textLimit } from '../../../../domain/text.ts'
import type { KeptDraft } from '../draft.ts'
import { fileSize } from '../format.ts'
import type { Uploads } from '../uploads.ts'
import { words } from '../words.ts'
import { Icon } from './icon.tsx'
import { TooLong } from './too-long.tsx'

const Waiting = ({ uploads }: { readonly uploads: Uploads }) => (
  <>
    {uploads.now.value.map(({ key, name, progress, reason, cancel }) => (
      <li key={key} class={reason === null ? '' : 'refused'}>
        <span class="file-name" dir="auto">
          {name}
        </span>
        {reason === null ? (
          <progress max={1} value={progress} aria-label={words.uploading(name)} />
        ) : (
          <span class="reason" role="alert">
            {reason}
          </span>
        )}
        <button
          type="button"
          class="icon"
          aria-label={reason === null ? words.cancelUpload(name) : words.remove(name)}
          onClick={cancel}
        >
          <Icon name="cross" />
        </button>
      </li>
    ))}
  </>
)

/** A message with files, typed, dropped or pasted. The draft keeps it until it is sent. */
export const Composer = (props: {
  readonly draft: KeptDraft
  readonly uploads: Uploads
  readonly label: string
  readonly rows: number
  readonly required: boolean
  /** While the message is being sent, nothing can be added to it. */
  readonly isHeld: boolean
  /** Whether it takes the focus when it appears. */
  readonly hasFocus?: boolean
  readonly children?: ComponentChildren
}) => {
  const { draft, label, uploads } = props
  const field = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    if (props.hasFocus === true) field.current?.focus()
  }, [])
  const picker = useRef<HTMLInputElement>(null)
  const isOver = useSignal(false)
  const add = (files: FileList | null | undefined): void => {
    if (files !== null && files !== undefined) uploads.add(files)
  }
  return (
    <div
      class={isOver.value ? 'composer over' : 'composer'}
      onDragOver={(event) => {
        event.preventDefault()
        isOver.value = true
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        event.preventDefault()
        isOver.value = false
        add(event.dataTransfer?.files)
      }}
      onPaste={(event) => {
        const { clipboardData } = event
        // Office programs put a picture of the text beside the text. What has text is pasted as text.
        if (clipboardData === null || clipboardData.types.includes('text/plain')) return
        if (clipboardData.files.length > 0) event.preventDefault()
        add(clipboardData.files)
      }}
    >
      <label>
        <span>{label}</span>
        <textarea
          dir="auto"
          rows={props.rows}
          required={props.required}
          readOnly={props.isHeld}
          ref={field}
          value={draft.now.value.text}
          onInput={({ currentTarget }) => draft.change({ text: currentTarget.value })}
        />
      </label>
      <TooLong text={draft.now.value.text} limit={textLimit} />
      <ul class="files">
        {draft.now.value.files.map(({ id, name, size }) => (
          <li key={id}>
            <span class="file-name" dir="auto">
              {name}
            </span>
            <span class="quiet">{fileSize(size)}</span>
            <button
              type="button"
              class="icon"
              aria-label={words.remove(name)}
              onClick={() => draft.change({ files: draft.now.value.files.filter((each) => each.id !== id) })}
            >
              <Icon name="cross" />
            </button>
          </li>
        ))}
        <Waiting uploads={uploads} />
      </ul>
      <div class="actions">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={({ currentTarget }) => {
            add(currentTarget.files)
            currentTarget.value = ''
          }}
        />
        <button type="button" onClick={() => picker.current?.click()}>
          {words.attachFiles}
        </button>
        <span class="quiet hint">{words.attachHint}</span>
        {props.children}
      </div>
    </div>
  )
}
