/** What may be attached, and how each kind is treated: docs/domain.md, "Files". */

/** In bytes. */
export const MB = 1_048_576

/** The most files that one message may carry. */
export const mostFiles = 10

/** How a kind is previewed; null for a kind without a preview. */
export type Preview = 'image' | 'text' | 'table' | 'pdf' | null

export interface FileKind {
  readonly mediaType: string
  /** The most bytes, inclusive. */
  readonly limit: number
  readonly preview: Preview
}

export const fileKinds = {
  jpg: { mediaType: 'image/jpeg', limit: 10 * MB, preview: 'image' },
  png: { mediaType: 'image/png', limit: 10 * MB, preview: 'image' },
  gif: { mediaType: 'image/gif', limit: 20 * MB, preview: 'image' },
  pdf: { mediaType: 'application/pdf', limit: 20 * MB, preview: 'pdf' },
  docx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    limit: 20 * MB,
    preview: null,
  },
  doc: { mediaType: 'application/msword', limit: 20 * MB, preview: null },
  txt: { mediaType: 'text/plain', limit: 20 * MB, preview: 'text' },
  xlsx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    limit: 20 * MB,
    preview: null,
  },
  xls: { mediaType: 'application/vnd.ms-excel', limit: 20 * MB, preview: null },
  csv: { mediaType: 'text/csv', limit: 20 * MB, preview: 'table' },
  zip: { mediaType: 'application/zip', limit: 20 * MB, preview: null },
  rar: { mediaType: 'application/vnd.rar', limit: 20 * MB, preview: null },
} as const satisfies Readonly<Record<string, FileKind>>

export type Kind = keyof typeof fileKinds

/** The allowed extensions, for error messages and file dialogs. */
export const kindNames: readonly string[] = Object.keys(fileKinds)

/** The most bytes of any kind: a longer file is not read to its end. */
export const largestFile = 20 * MB

/** The most pixels of an image: a small file can decode to a huge one. */
export const mostPixels = 100_000_000

const isKind = (text: string): text is Kind => Object.hasOwn(fileKinds, text)

/** The kind of a name's extension, without regard to case; null for any other extension. */
export const kindOfName = (name: string): Kind | null => {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  if (extension === 'jpeg') return 'jpg'
  return isKind(extension) ? extension : null
}

/** What the bytes are: one kind, or text, of which the name tells txt from csv. */
export type Content = Exclude<Kind, 'txt' | 'csv'> | 'text'

/**
 * The kind of a file whose name and bytes agree; null where they do not. Any text may be txt or csv, and an Office
 * package may be sent as the zip that it is.
 */
export const agreed = (named: Kind, content: Content): Kind | null => {
  if (named === 'txt' || named === 'csv') return content === 'text' ? named : null
  if (named === 'zip') return content === 'zip' || content === 'docx' || content === 'xlsx' ? 'zip' : null
  return named === content ? named : null
}

/** The kind of a stored media type; null for any other. */
export const kindOfMediaType = (mediaType: string): Kind | null =>
  Object.keys(fileKinds).find((kind): kind is Kind => isKind(kind) && fileKinds[kind].mediaType === mediaType) ?? null

/** The preview of a stored media type; null where there is none, as for a media type that is not in `fileKinds`. */
export const previewOf = (mediaType: string): Preview => {
  const kind = kindOfMediaType(mediaType)
  return kind === null ? null : fileKinds[kind].preview
}
