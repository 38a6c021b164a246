import { useSignal } from '@preact/signals'
import { previewOf } from '../../../../domain/files/kinds.ts'
import type { Attachment } from '../../../api/response-schemas.ts'
import { fileSize } from '../format.ts'
import { words } from '../words.ts'
import { Icon } from './icon.tsx'
import { Preview } from './preview.tsx'

const nameOf = ({ name, id }: Attachment): string => name ?? id
const endingOf = (name: string): string => (/\.(\w{1,4})$/.exec(name)?.[1] ?? '').toUpperCase()

/** The files of one message. Preview and Download appear on hover and focus. `all` are the ticket's files. */
export const Attachments = ({
  files,
  all,
}: {
  readonly files: readonly Attachment[]
  readonly all: readonly Attachment[]
}) => {
  const shown = useSignal<string | null>(null)
  if (files.length === 0) return null
  return (
    <>
      <ul class="attachments">
        {files.map((file) => (
          <li key={file.id}>
            <span class="kind" aria-hidden="true">
              {endingOf(nameOf(file))}
            </span>
            <span class="file-name" dir="auto">
              {nameOf(file)}
            </span>
            <span class="quiet size">{fileSize(file.size)}</span>
            <span class="file-actions">
              {previewOf(file.mediaType) !== null && (
                <button
                  type="button"
                  aria-label={`${words.preview} ${nameOf(file)}`}
                  title={words.preview}
                  onClick={() => (shown.value = file.id)}
                >
                  <Icon name="preview" />
                </button>
              )}
              <a
                class="button"
                href={`/v1/files/${file.id}`}
                download
                aria-label={`${words.download} ${nameOf(file)}`}
                title={words.download}
              >
                <Icon name="download" />
              </a>
            </span>
          </li>
        ))}
      </ul>
      {shown.value !== null && <Preview files={all} first={shown.value} onClose={() => (shown.value = null)} />}
    </>
  )
}
