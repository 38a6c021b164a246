import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

interface Leaf {
  readonly page: number
  readonly rows: number
}

/**
 * Overwrites the nth page of the events of a folder's log, counted from 0, as a disk that lost it does. Returns the first
 * position that cannot be read any more, and what puts the page back. Nobody
 * may have the log open before.
 */
export const damagePage = (
  folder: string,
  nth: number,
): { readonly firstLost: number; readonly repair: () => void } => {
  const file = join(folder, 'log.db')
  const db = new Sqlite(file)
  db.pragma('wal_checkpoint(TRUNCATE)')
  const size = Number(db.pragma('page_size', { simple: true }))
  const leaves = db
    .prepare<[], Leaf>(
      "SELECT pageno AS page, ncell AS rows FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path",
    )
    .all()
  db.close()
  const leaf = leaves[nth]
  if (leaf === undefined) throw new Error(`the log has only ${leaves.length} pages of events`)
  const handle = openSync(file, 'r+')
  const whole = Buffer.alloc(size)
  const offset = (leaf.page - 1) * size
  readSync(handle, whole, 0, size, offset)
  const write = (bytes: Buffer): void => void writeSync(handle, bytes, 0, size, offset)
  write(Buffer.alloc(size, 0xa5))
  const firstLost = 1 + leaves.slice(0, nth).reduce((sum, { rows }) => sum + rows, 0)
  return {
    firstLost,
    repair: () => {
      write(whole)
      closeSync(handle)
      // A write of another connection makes all drop the pages that they keep.
      const again = new Sqlite(file)
      again.pragma(`user_version = ${String(again.pragma('user_version', { simple: true }))}`)
      again.close()
    },
  }
}
