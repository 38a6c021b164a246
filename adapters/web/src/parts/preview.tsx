import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { messageOf } from '../../../errors.ts'
import { previewOf } from '../../../../domain/files/kinds.ts'
import type { Attachment } from '../../../api/response-schemas.ts'
import { exactTime, fileSize, shortTime } from '../format.ts'
import { words } from '../words.ts'
import { Icon } from './icon.tsx'
import { Modal } from './basics.tsx'

const address = (file: Attachment): string => `/v1/files/${file.id}/preview`

/** The content as text, in the encoding that the server detected. */
const textOf = async (file: Attachment): Promise<string> => {
  const response = await fetch(address(file))
  if (!response.ok) throw new Error(words.noPreview)
  const [, encoding = 'utf-8'] = /charset=([\w-]+)/.exec(response.headers.get('Content-Type') ?? '') ?? []
  return new TextDecoder(encoding).decode(await response.arrayBuffer())
}

/** Draws a file into `place`. The renderers of PDF and CSV are loaded on first use. */
const draw = async (file: Attachment, place: HTMLElement): Promise<void> => {
  switch (previewOf(file.mediaType)) {
    case 'pdf': {
      const { drawPdf } = await import('../heavy/pdf.ts')
      return drawPdf(address(file), place)
    }
    case 'table': {
      const { drawTable } = await import('../heavy/table.ts')
      return drawTable(await textOf(file), place)
    }
    default: {
      const lines = document.createElement('pre')
      lines.textContent = await textOf(file)
      lines.tabIndex = 0
      place.replaceChildren(lines)
    }
  }
}

const Drawn = ({ file }: { readonly file: Attachment }) => {
  const place = useRef<HTMLDivElement>(null)
  const failed = useSignal<string | null>(null)
  useEffect(() => {
    failed.value = null
    const { current } = place
    if (current === null) return
    current.textContent = words.loading
    // An element of its own, so that a slow file cannot draw over the next one.
    const own = document.createElement('div')
    draw(file, own).then(
      () => current.replaceChildren(own),
      (error: unknown) => (failed.value = messageOf(error)),
    )
  }, [file.id])
  return failed.value === null ? <div ref={place} class="drawn" /> : <p role="alert">{failed.value}</p>
}

/** One file of the ticket in a dialog: arrow keys show the next and the previous file, Escape closes. */
export const Preview = (props: {
  readonly files: readonly Attachment[]
  readonly first: string
  readonly onClose: () => void
}) => {
  const { files } = props
  const at = useSignal(
    Math.max(
      0,
      files.findIndex(({ id }) => id === props.first),
    ),
  )
  const file = files[at.value]
  if (file === undefined) return null
  const name = file.name ?? file.id
  const shown = previewOf(file.mediaType)
  const step = (by: number): void => {
    at.value = (at.value + by + files.length) % files.length
  }
  return (
    <Modal
      label={`${words.preview}: ${name}`}
      class="preview"
      onClose={props.onClose}
      onKeyDown={({ key }) => {
        if (key === 'ArrowRight') step(1)
        if (key === 'ArrowLeft') step(-1)
      }}
    >
      <header>
        <h2>{name}</h2>
        <a class="button primary" href={`/v1/files/${file.id}`} download>
          {words.download}
        </a>
        <form method="dialog">
          <button class="icon" aria-label={words.closePreview} autoFocus>
            <Icon name="cross" />
          </button>
        </form>
      </header>
      <div class="stage">
        {files.length > 1 && (
          <>
            <button type="button" class="step before" aria-label={words.previousFile} onClick={() => step(-1)}>
              <Icon name="before" />
            </button>
            <button type="button" class="step after" aria-label={words.nextFile} onClick={() => step(1)}>
              <Icon name="after" />
            </button>
          </>
        )}
        {shown === 'image' && <img src={address(file)} alt={name} />}
        {shown === null && <p>{words.noPreview}</p>}
        {shown !== 'image' && shown !== null && <Drawn file={file} />}
      </div>
      <footer>
        <span>{words.attachmentCount(files.length)}</span>
        <span title={exactTime(file.uploadedAt)}>
          {words.uploaded(shortTime(file.uploadedAt), fileSize(file.size))}
        </span>
      </footer>
    </Modal>
  )
}
