import { createHash, randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Clock } from '../../domain/clock.ts'
import { agreed, fileKinds, kindOfName, largestFile, type Content } from '../../domain/files/kinds.ts'
import { fileName } from '../../domain/files/name.ts'
import type { Upload, Uploader } from '../../domain/files/uploads.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import type { Scanner } from './clamd.ts'
import { makeFolder, moveSynced, storageRefusalOf, sync } from './durable.ts'
import { bytesIn, openFileFolders, pathOfNamed, type FileFolders } from './folders.ts'
import { writeMetadata, type Metadata } from './metadata.ts'

export interface FilePorts {
  /** Holds all files. Several servers may share it. */
  readonly folder: string
  readonly contentOf: (path: string) => Promise<Content | null>
  readonly scan: Scanner
  readonly clock: Clock
}

export interface FileStore {
  readonly folders: FileFolders
  /** Stores one upload: checked, hashed, synced to the disk, and bound to its uploader. A refused one leaves nothing. */
  readonly take: (
    source: AsyncIterable<Uint8Array>,
    name: string,
    uploader: Uploader,
  ) => Promise<E.Either<Refusal, Upload>>
  /** Removes uploads that no command has used. */
  readonly forget: (ids: readonly string[]) => Promise<void>
  /** The path of a file's bytes, once an event names it; null where there is none. */
  readonly pathOf: (id: string) => Promise<string | null>
}

/** On a disk that fails something may stay; the sweep removes it after 24 hours. */
const discard = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true }).catch(() => undefined)

/**
 * Writes a stream to a new file while it hashes and counts the bytes, and syncs the file. Null where the stream is longer
 * than `limit` bytes: the rest is not read, and the caller removes the file.
 */
const writeHashed = async (
  source: AsyncIterable<Uint8Array>,
  path: string,
  limit: number,
): Promise<Pick<Upload, 'size' | 'sha256'> | null> => {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let size = 0
  try {
    for await (const chunk of source) {
      size += chunk.length
      if (size > limit) return null
      hash.update(chunk)
      await file.write(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/** The name as it is stored; its extension is of an allowed kind. */
const allowedName = (given: string): E.Either<Refusal, string> =>
  pipe(
    fileName(given),
    E.mapLeft((problem) => invalid('file', problem)),
    E.filterOrElse(
      (name) => kindOfName(name) !== null,
      (name): Refusal => ({ tag: 'FileTypeNotAllowed', name }),
    ),
  )

export const openFileStore = async ({ folder, contentOf, scan, clock }: FilePorts): Promise<FileStore> => {
  const folders = await openFileFolders(folder)

  const receive =
    (source: AsyncIterable<Uint8Array>, incoming: string, name: string) =>
    async (): Promise<E.Either<Refusal, Pick<Upload, 'size' | 'sha256'>>> => {
      await makeFolder(incoming)
      const received = await writeHashed(source, bytesIn(incoming), largestFile)
      if (received === null) return E.left({ tag: 'FileTooLarge', name, limit: largestFile })
      return received.size === 0 ? E.left(invalid('file', `"${name}" is empty`)) : E.right(received)
    }

  /** The media type, where name and bytes agree on a kind and the size is within its limit. */
  const mediaTypeOf = (path: string, name: string, size: number) => async (): Promise<E.Either<Refusal, string>> => {
    const named = kindOfName(name)
    const content = await contentOf(path)
    const kind = named === null || content === null ? null : agreed(named, content)
    if (kind === null) return E.left({ tag: 'FileTypeNotAllowed', name })
    const { limit, mediaType } = fileKinds[kind]
    return size > limit ? E.left({ tag: 'FileTooLarge', name, limit }) : E.right(mediaType)
  }

  const scanned = (path: string, name: string) => async (): Promise<E.Either<Refusal, Metadata['scan']>> => {
    const verdict = await scan(path)
    if (verdict === 'infected') return E.left({ tag: 'FileInfected', name })
    return E.right(verdict === 'clean' ? 'clean' : 'pending')
  }

  const publish = async (incoming: string, metadata: Metadata): Promise<void> => {
    await writeMetadata(incoming, metadata)
    await sync(incoming)
    await moveSynced(incoming, folders.uploaded(metadata.id))
  }

  const take: FileStore['take'] = async (source, given, uploader) => {
    const id = randomBytes(16).toString('hex')
    const incoming = folders.incoming(id)
    const path = bytesIn(incoming)
    try {
      return await pipe(
        TE.fromEither(allowedName(given)),
        TE.bindTo('name'),
        TE.bind('received', ({ name }) => receive(source, incoming, name)),
        TE.bind('mediaType', ({ name, received }) => mediaTypeOf(path, name, received.size)),
        TE.bind('scan', ({ name }) => scanned(path, name)),
        TE.flatMapTask(({ name, received, mediaType, scan: state }) => async () => {
          const upload = { id, name, mediaType, ...received }
          const uploadedAt = new Date(clock.now()).toISOString()
          await publish(incoming, { ...upload, uploadedAt, uploader, scan: state })
          return upload
        }),
      )()
    } catch (error) {
      const refusal = storageRefusalOf(error)
      if (refusal === null) throw error
      return E.left(refusal)
    } finally {
      // Moved by now, unless it was refused or broke off.
      await discard(incoming)
    }
  }

  return {
    folders,
    take,
    pathOf: (id) => pathOfNamed(folders, id),
    forget: async (ids) => {
      for (const id of ids) await discard(folders.uploaded(id))
    },
  }
}
