import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ownedFile } from '../own-files.ts'

/** How often the lock is tried again while another process holds it, in ms. */
const retryMs = 1_000

/** What releases the lock; undefined while another process holds it. @throws Error where the file cannot be opened. */
const acquire = (folder: string): (() => void) | undefined => {
  const db = new Sqlite(ownedFile(join(folder, 'mail.lock')), { timeout: 0 })
  try {
    // SQLite's own lock on an empty file: held as long as this transaction is open.
    db.exec('BEGIN EXCLUSIVE')
    return () => void db.close()
  } catch (error) {
    db.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
}

/**
 * Waits for the lock of the one process that sends the mails of a data folder, and holds it until stopped. The operating
 * system releases it when the process ends, however it ends.
 */
export const holdProcessLock = (
  folder: string,
  { onAcquired, onError }: { readonly onAcquired: () => void; readonly onError: (error: unknown) => void },
): { readonly stop: () => Promise<void> } => {
  let release: (() => void) | undefined
  let retry: NodeJS.Timeout | undefined
  const attempt = (): void => {
    try {
      release = acquire(folder)
    } catch (error) {
      onError(error)
    }
    if (release === undefined) retry = setTimeout(attempt, retryMs).unref()
    else onAcquired()
  }
  attempt()
  return {
    stop: () => {
      clearTimeout(retry)
      release?.()
      return Promise.resolve()
    },
  }
}
