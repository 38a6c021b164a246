import { create as contentDisposition } from 'content-disposition'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import { fileKinds, kindOfMediaType, previewOf } from '../../../domain/files/kinds.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import { sees } from '../../../domain/ticket/access.ts'
import type { AttachedFile } from '../../../projections/files/files.ts'
import { encodingOfFile } from '../../files/text.ts'
import { named } from '../response-schemas.ts'
import { readFiles } from '../multipart.ts'
import { accountOf } from '../persons.ts'
import type { RoutePorts } from '../ports.ts'
import type { Refused } from '../problems.ts'
import { jsonReply, query, upload, type FileReply } from '../route.ts'

const noQuery = t.partial({})

/** Takes files in, to be named by a command of the same caller within 24 hours. One bad file refuses them all. */
export const uploadFiles = upload({
  path: '/v1/files',
  operationId: 'uploadFiles',
  summary: 'Upload one to ten files, for a message to name within 24 hours',
  may: ['customer', 'support', 'service'],
  answers: named.Uploads,
  problems: [
    'too-many-files',
    'file-too-large',
    'file-type-not-allowed',
    'file-infected',
    'unsupported-media-type',
    'storage-full',
  ],
  handle: async ({ files }, { caller, request }) => {
    const uploader = { id: caller.id, account: accountOf(caller) }
    const taken = await readFiles<Upload>(
      request,
      (bytes, name) => files.take(bytes, name, uploader),
      (uploads) => files.forget(uploads.map(({ id }) => id)),
    )
    return taken._tag === 'Left' ? taken : right(jsonReply({ files: taken.right }))
  },
})

interface Found {
  readonly file: AttachedFile
  readonly path: string
}

/** A file that an event of a ticket names, which the caller may see; for all others there is none. */
const found = async ({ views, files }: RoutePorts, caller: Principal, id: string): Promise<Either<Refused, Found>> => {
  const file = views.file(id)
  if (file === undefined || !sees(caller, file.account)) return left({ tag: 'NotFound' })
  const path = await files.pathOf(id)
  if (path === null) throw new Error(`the file ${id} of ${file.ticket} is not in its folder`)
  return right({ file, path })
}

/** Whatever the bytes are, no script of theirs ever runs, and nobody keeps or guesses at them (domain.md, "Files"). */
const sealed = { 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'private, no-store' }

const replyOf = ({ file, path }: Found, mediaType: string, type: 'attachment' | 'inline'): FileReply => ({
  mediaType,
  path,
  size: file.size,
  headers: {
    ...sealed,
    ETag: `"${file.sha256}"`,
    'Content-Disposition': contentDisposition(file.name ?? `${file.id}.${kindOfMediaType(file.mediaType) ?? 'bin'}`, {
      type,
    }),
  },
})

const formsOf = (mediaTypes: readonly string[]) => mediaTypes.map((mediaType) => ({ mediaType, codec: null }))
const kinds = Object.values(fileKinds)
const common = {
  may: ['customer', 'support', 'auditor', 'service'],
  query: noQuery,
  answerHeaders: ['ETag', 'Content-Disposition', 'Accept-Ranges'],
} as const

export const downloadFile = query({
  ...common,
  path: '/v1/files/{id}',
  operationId: 'downloadFile',
  summary: 'Download an attachment',
  forms: formsOf(kinds.map(({ mediaType }) => mediaType)),
  problems: ['not-found', 'range-not-satisfiable'],
  handle: async (ports, { caller, param }) => {
    const here = await found(ports, caller, param('id'))
    return here._tag === 'Left' ? here : right(replyOf(here.right, here.right.file.mediaType, 'attachment'))
  },
})

/** What a browser may show of a file of this kind; null where there is no preview. Texts and tables are plain text. */
const shownAs = async ({ file, path }: Found): Promise<string | null> => {
  switch (previewOf(file.mediaType)) {
    case 'image':
    case 'pdf':
      return file.mediaType
    case 'text':
    case 'table':
      return `text/plain; charset=${(await encodingOfFile(path)) ?? 'utf-8'}`
    case null:
      return null
  }
}

export const previewFile = query({
  ...common,
  path: '/v1/files/{id}/preview',
  operationId: 'previewFile',
  summary: 'Show an attachment in place: images, pdf, and texts and tables as plain text',
  forms: formsOf(['image/jpeg', 'image/png', 'image/gif', 'application/pdf', 'text/plain']),
  problems: ['not-found', 'file-type-not-allowed', 'range-not-satisfiable'],
  handle: async (ports, { caller, param }) => {
    const here = await found(ports, caller, param('id'))
    if (here._tag === 'Left') return here
    const mediaType = await shownAs(here.right)
    return mediaType === null ? left({ tag: 'NoPreview' }) : right(replyOf(here.right, mediaType, 'inline'))
  },
})
