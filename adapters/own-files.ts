import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'

/** What lies in the data folder: its owner's alone, and on the disk before anybody is told of it. */

export const ownFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/** Makes the file if it is not there, readable by its owner alone; SQLite gives its -wal and -shm files the same mode. */
export const ownedFile = (file: string): string => {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  return file
}

/** Puts a file's or a folder's own contents on the disk. */
export const synced = (path: string): void => {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * Opens a SQLite file of a folder so that what it was told stays told: WAL with `synchronous=FULL`. `prepare` makes its
 * tables. @throws Error where that cannot be; then it is closed.
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
