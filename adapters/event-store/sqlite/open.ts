import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { ownedFile, ownFolder, synced } from '../../own-files.ts'
import { migrate } from './schema.ts'

/** Older versions can corrupt a database in WAL mode: the WAL-reset bug, fixed in 3.51.3. */
const leastSqlite = [3, 51, 3]

/** How long a lock of another process is waited for, which holds this thread, in ms. */
const lockWaitMs = 10_000

const isOlder = (version: string): boolean => {
  const parts = version.split('.').map(Number)
  const at = leastSqlite.findIndex((least, index) => parts[index] !== least)
  return at >= 0 && (parts[at] ?? 0) < (leastSqlite[at] ?? 0)
}

/**
 * Opens `log.db` in WAL mode with `synchronous=FULL`, so that a committed append survives a power failure; both settings
 * are read back. Only the owner may read the folder. Opening waits `openWaitMs` for a lock of another process.
 * @throws Error of one line where a setting is refused or the file is of another version.
 */
export const openLog = (folder: string, openWaitMs = lockWaitMs): Database => {
  ownFolder(folder)
  const db = new Sqlite(ownedFile(join(folder, 'log.db')), { timeout: openWaitMs })
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
    synced(folder)
    db.pragma(`busy_timeout = ${lockWaitMs}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
