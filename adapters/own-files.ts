import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { codeOf } from './errors.ts'

/** Creates a folder that only its owner may read. */
export const ownFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/** Creates the file if missing, readable by its owner only. SQLite gives its -wal and -shm files the same mode. */
export const ownedFile = (file: string): string => {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  return file
}

/** Writes a synced file for its owner alone, under a name of its own beside the final one, which `publish` gives it. */
const writeAndPublish = (file: string, content: string, publish: (draft: string) => void): void => {
  ownFolder(dirname(file))
  const draft = `${file}.${process.pid}.${randomBytes(8).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    publish(draft)
  } finally {
    rmSync(draft, { force: true })
  }
  synced(dirname(file))
}

/**
 * Creates a file for its owner alone, whole or not at all. Where it exists already it stays as it is, so that of two
 * processes which start at once both use the first one's.
 */
export const createOwnFile = (file: string, content: string): void =>
  writeAndPublish(file, content, (draft) => {
    try {
      linkSync(draft, file)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  })

/** Replaces a file for its owner alone, whole or not at all. */
export const replaceOwnFile = (file: string, content: string): void =>
  writeAndPublish(file, content, (draft) => renameSync(draft, file))

/**
 * The text of a file that holds a secret; null where there is none.
 * @throws Error where anybody but its owner may read or write it, or it belongs to somebody else.
 */
export const readSecretFile = (file: string): string | null => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  const { mode, uid } = statSync(file)
  // Windows has no such modes and no user ids.
  const user = process.getuid?.()
  if (user === undefined) return text
  if ((mode & 0o077) !== 0) throw new Error(`${file} can be read or written by others: run chmod 600 on it`)
  if (uid !== user && uid !== 0) throw new Error(`${file} belongs to another user: run chown on it`)
  return text
}

/** Syncs a file, or the entries of a folder, to the disk. */
export const synced = (path: string): void => {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * Opens a SQLite file in WAL mode with `synchronous=FULL`, so that a committed transaction survives a power failure.
 * `prepare` creates its tables.
 * @throws Error where the file cannot be opened or prepared; it is closed then.
 */
export const openDurable = (folder: string, name: string, prepare: (db: Database) => void): Database => {
  ownFolder(folder)
  const db = new Sqlite(ownedFile(join(folder, name)), { timeout: 10_000 })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
