import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { migrate } from './schema.ts'

/** Older versions can corrupt a WAL database (reliability: a bug fixed in 3.51.3). */
const leastSqlite = [3, 51, 3]

const isOlder = (version: string): boolean => {
  const parts = version.split('.').map(Number)
  const at = leastSqlite.findIndex((least, index) => parts[index] !== least)
  return at >= 0 && (parts[at] ?? 0) < (leastSqlite[at] ?? 0)
}

const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * Opens `log.db` so that acknowledged means on the disk: WAL with `synchronous=FULL`, read back. Only its owner may
 * read the folder. @throws Error in one line where that cannot be had.
 */
export const openLog = (folder: string): Database => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'log.db')
  // SQLite gives its -wal and -shm files the mode of the database file.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const db = new Sqlite(file, { timeout: 10_000 })
  try {
    const version = String(db.prepare('SELECT sqlite_version()').pluck().get())
    if (isOlder(version)) throw new Error(`SQLite ${version} is too old for the log: it needs ${leastSqlite.join('.')}`)
    if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal')
      throw new Error('the log cannot be put into WAL mode')
    db.pragma('synchronous = FULL')
    if (db.pragma('synchronous', { simple: true }) !== 2)
      throw new Error('the log cannot be opened with synchronous=FULL')
    db.pragma('foreign_keys = ON')
    migrate(db)
    syncFolder(folder)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
