import { create as contentDisposition } from 'content-disposition'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { accountOf, type Principal } from '../../../domain/actor.ts'
import { fileKinds, kindOfMediaType, previewOf } from '../../../domain/files/kinds.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import { sees } from '../../../domain/actor.ts'
import type { AttachedFile } from '../../../projections/files/files.ts'
import * as t from 'io-ts'
import { component } from '../../api/component.ts'
import { whole } from '../../api/response-schemas.ts'
import { orRefused } from '../../files/durable.ts'
import { encodingOfFile } from '../../files/text.ts'
import { readFiles } from '../multipart.ts'
import type { RoutePorts } from '../ports.ts'
import type { Refused } from '../problems.ts'
import { noQuery } from '../request-parameters.ts'
import { jsonReply, rawQuery, requireQueries, upload, type Route } from '../route.ts'
import type { FileReply } from '../replies.ts'

const UploadsResponse = component(
  'Uploads',
  t.strict({
    files: t.readonlyArray(
      t.strict({ id: t.string, name: t.string, mediaType: t.string, size: whole, sha256: t.string }),
    ),
  }),
)

/** Stores files that a command of the same caller may name within 24 hours. One bad file refuses them all. */
const uploadFiles = upload({
  path: '/v1/files',
  operationId: 'uploadFiles',
  summary: 'Upload one to ten files, for a message to name within 24 hours',
  may: ['customer', 'support', 'service'],
  response: UploadsResponse,
  problems: [
    'too-many-files',
    'file-too-large',
    'file-type-not-allowed',
    'file-infected',
    'unsupported-media-type',
    'storage-full',
    'not-ready',
  ],
  handle: ({ files }, { caller, request }) => {
    const uploader = { id: caller.id, account: accountOf(caller) }
    return pipe(
      readFiles<Upload>(
        request,
        (bytes, name) => files.take(bytes, name, uploader),
        (uploads) => files.forget(uploads.map(({ id }) => id)),
      ),
      TE.map((uploads) => jsonReply({ files: uploads })),
    )
  },
})

interface Found {
  readonly file: AttachedFile
  readonly path: string
}

/** A file that an event of a ticket names; NotFound where the caller may not see the ticket. */
const find = ({ readModels, files }: RoutePorts, caller: Principal, id: string): TE.TaskEither<Refused, Found> =>
  pipe(
    requireQueries(readModels, 'files'),
    E.map((queries) => queries.files.find(id)),
    E.flatMap(E.fromNullable<Refused>({ tag: 'NotFound' })),
    E.filterOrElse(
      ({ account }) => sees(caller, account),
      (): Refused => ({ tag: 'NotFound' }),
    ),
    TE.fromEither,
    TE.flatMap((file) =>
      orRefused(async () => {
        const path = await files.pathOf(id)
        if (path === null) throw new Error(`the file ${id} of ${file.ticket} is not in its folder`)
        return { file, path }
      }),
    ),
  )

/** Whatever the bytes are: no script in them runs, and no cache keeps them (docs/domain.md, Files). */
const sandboxed = { 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'private, no-store' }

const replyOf = ({ file, path }: Found, mediaType: string, type: 'attachment' | 'inline'): FileReply => ({
  mediaType,
  path,
  size: file.size,
  headers: {
    ...sandboxed,
    ETag: `"${file.sha256}"`,
    'Content-Disposition': contentDisposition(file.name ?? `${file.id}.${kindOfMediaType(file.mediaType) ?? 'bin'}`, {
      type,
    }),
  },
})

const representationsOf = (mediaTypes: readonly string[]) => mediaTypes.map((mediaType) => ({ mediaType, codec: null }))
const kinds = Object.values(fileKinds)
const common = {
  may: ['customer', 'support', 'auditor', 'service'],
  query: noQuery,
  responseHeaders: ['ETag', 'Content-Disposition', 'Accept-Ranges'],
} as const

const downloadFile = rawQuery({
  ...common,
  path: '/v1/files/{id}',
  operationId: 'downloadFile',
  summary: 'Download an attachment',
  representations: representationsOf(kinds.map(({ mediaType }) => mediaType)),
  problems: ['not-found', 'range-not-satisfiable', 'not-ready'],
  handle: (ports, { caller, param }) =>
    pipe(
      find(ports, caller, param('id')),
      TE.map((found) => replyOf(found, found.file.mediaType, 'attachment')),
    ),
})

/** The media type that a browser may show the file as; null where there is no preview. Texts and tables are plain text. */
const previewTypeOf = async ({ file, path }: Found): Promise<string | null> => {
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

const previewFile = rawQuery({
  ...common,
  path: '/v1/files/{id}/preview',
  operationId: 'previewFile',
  summary: 'Show an attachment in place: images, pdf, and texts and tables as plain text',
  representations: representationsOf(['image/jpeg', 'image/png', 'image/gif', 'application/pdf', 'text/plain']),
  problems: ['not-found', 'file-type-not-allowed', 'range-not-satisfiable', 'not-ready'],
  handle: (ports, { caller, param }) =>
    pipe(
      find(ports, caller, param('id')),
      TE.bindTo('found'),
      TE.bindW('mediaType', ({ found }) =>
        pipe(
          orRefused(() => previewTypeOf(found)),
          TE.flatMap(TE.fromNullable<Refused>({ tag: 'NoPreview' })),
        ),
      ),
      TE.map(({ found, mediaType }) => replyOf(found, mediaType, 'inline')),
    ),
})

export const fileRoutes: readonly Route[] = [uploadFiles, downloadFile, previewFile]
