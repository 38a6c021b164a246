import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/**
 * A random number that a `log.db` got when it was made: it tells a log that is still empty from every other. Empty for a
 * folder without a log, and for a file of an earlier build. @throws Error where the file cannot be read.
 */
export const logFileId = (folder: string): string => {
  const file = join(folder, 'log.db')
  if (!existsSync(file)) return ''
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    const id = Number(db.pragma('application_id', { simple: true }))
    return id === 0 ? '' : String(id)
  } finally {
    db.close()
  }
}
