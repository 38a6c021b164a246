import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'

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
