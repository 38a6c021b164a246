import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '../../domain/refusal.ts'
import { codeOf } from '../errors.ts'

/** Writes and renames that are on the disk when they resolve: docs/adr/0007-sqlite-log-and-durability.md. */

/** Flushes a file, or a folder's list of entries, to the disk. */
export const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a whole file and syncs it, readable by its owner alone. */
export const writeSynced = async (path: string, text: string): Promise<void> => {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Moves a folder and syncs both parent folders. @throws ENOENT where it was moved elsewhere first. */
export const moveSynced = async (from: string, to: string): Promise<void> => {
  await rename(from, to)
  await sync(dirname(to))
  if (dirname(from) !== dirname(to)) await sync(dirname(from))
}

/** Moves a folder; false where it was moved elsewhere first. */
export const moved = async (from: string, to: string): Promise<boolean> => {
  try {
    await moveSynced(from, to)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

export const makeFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** No bytes, quota or inodes are left. */
const fullCodes = new Set(['ENOSPC', 'EDQUOT'])
/** The disk, the folder or the process's own limits are at fault. A client that leaves has none of these codes. */
const brokenCodes = new Set(
  'EIO EROFS EMFILE ENFILE EACCES EPERM ENOTDIR EEXIST ENOENT ESTALE ENODEV ENXIO EUCLEAN'.split(' '),
)

/** What an error of the disk means to who wanted to store or read a file; null for any other error. */
export const storageRefusalOf = (error: unknown): Refusal | null => {
  const code = codeOf(error)
  if (fullCodes.has(code)) return { tag: 'StorageFull' }
  return brokenCodes.has(code) ? { tag: 'NotReady', reason: `the folder of the files cannot be used (${code})` } : null
}

/** Whether the disk is at fault, and not what a file holds. */
export const isOfDisk = (error: unknown): boolean => storageRefusalOf(error) !== null

/** The result of work on files; the refusal where the disk fails. */
export const orRefused =
  <A>(work: () => Promise<A>): TE.TaskEither<Refusal, A> =>
  async () => {
    try {
      return E.right(await work())
    } catch (error) {
      const refusal = storageRefusalOf(error)
      if (refusal === null) throw error
      return E.left(refusal)
    }
  }
