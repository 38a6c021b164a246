import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Clock } from '../../domain/clock.ts'
import { agreed, fileKinds, kindOfName, largestFile, type Content } from '../../domain/files/kinds.ts'
import { fileName } from '../../domain/files/name.ts'
import type { Uploader } from '../../domain/files/uploads.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import type { Upload } from '../../domain/files/uploads.ts'
import { hasNoRoom, makeFolder, moveSynced, sync } from './durable.ts'
import { writeMeta } from './meta.ts'
import { bytesIn, openPlaces, pathIn, type Places } from './places.ts'
import { receive } from './receive.ts'
import type { Scanner } from './scanner.ts'

export interface FilePorts {
  /** Everything lies below it. Several servers may share it. */
  readonly folder: string
  readonly contentOf: (path: string) => Promise<Content | null>
  readonly scan: Scanner
  readonly clock: Clock
}

export interface FileStore {
  readonly places: Places
  /** Takes one file in: checked, hashed, on the disk, and bound to its uploader. Refused, it leaves nothing. */
  readonly take: (
    source: AsyncIterable<Uint8Array>,
    name: string,
    uploader: Uploader,
  ) => Promise<Either<Refusal, Upload>>
  /** Takes uploads back that nobody has used. */
  readonly forget: (ids: readonly string[]) => Promise<void>
  /** The path of a file's bytes, once an event names it; null where there is none. */
  readonly pathOf: (id: string) => Promise<string | null>
}

const discard = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

export const openFileStore = async ({ folder, contentOf, scan, clock }: FilePorts): Promise<FileStore> => {
  const places = await openPlaces(folder)

  /** What the bytes at `path` are under this name, or why they may not be attached. */
  const checked = async (path: string, name: string, size: number): Promise<Either<Refusal, string>> => {
    const named = kindOfName(name)
    const content = await contentOf(path)
    const kind = named === null || content === null ? null : agreed(named, content)
    if (kind === null) return left({ tag: 'FileTypeNotAllowed', name })
    const { limit, mediaType } = fileKinds[kind]
    return size > limit ? left({ tag: 'FileTooLarge', name, limit }) : right(mediaType)
  }

  const take: FileStore['take'] = async (source, given, uploader) => {
    const name = fileName(given)
    if (name._tag === 'Left') return left(invalid('file', name.left))
    if (kindOfName(name.right) === null) return left({ tag: 'FileTypeNotAllowed', name: name.right })
    const id = randomBytes(16).toString('hex')
    const incoming = places.incoming(id)
    try {
      await makeFolder(incoming)
      const path = bytesIn(incoming)
      const received = await receive(source, path, largestFile)
      if (received._tag === 'Left') return left({ tag: 'FileTooLarge', name: name.right, limit: largestFile })
      const { size, sha256 } = received.right
      if (size === 0) return left(invalid('file', `"${name.right}" is empty`))
      const mediaType = await checked(path, name.right, size)
      if (mediaType._tag === 'Left') return mediaType
      const verdict = await scan(path)
      if (verdict === 'infected') return left({ tag: 'FileInfected', name: name.right })
      const upload = { id, name: name.right, mediaType: mediaType.right, size, sha256 }
      const uploadedAt = new Date(clock.now()).toISOString()
      await writeMeta(incoming, { ...upload, uploadedAt, uploader, scan: verdict === 'clean' ? 'clean' : 'pending' })
      await sync(incoming)
      await moveSynced(incoming, places.uploaded(id))
      return right(upload)
    } catch (error) {
      if (hasNoRoom(error)) return left({ tag: 'StorageFull' })
      throw error
    } finally {
      // Moved by now, unless it was refused or broke off.
      await discard(incoming)
    }
  }

  return {
    places,
    take,
    pathOf: (id) => pathIn(places, id),
    forget: async (ids) => {
      for (const id of ids) await discard(places.uploaded(id))
    },
  }
}
