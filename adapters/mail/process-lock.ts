import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ownedFile } from '../own-files.ts'

/**
 * Whose turn it is to send the mails of a data folder, when several processes serve it. The system takes the turn back
 * from a process that ends, however it ends. Answers undefined while another process has it, else what gives it back.
 */
export const takeTurn = (folder: string): (() => void) | undefined => {
  const db = new Sqlite(ownedFile(join(folder, 'mail.turn')), { timeout: 0 })
  try {
    // A lock of SQLite's own on an empty file: held as long as this transaction is open.
    db.exec('BEGIN EXCLUSIVE')
    return () => void db.close()
  } catch (error) {
    db.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
}
