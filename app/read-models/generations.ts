import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { openDurable, ownedFile, synced } from '../../adapters/own-files.ts'
import { isDamage } from './damage.ts'

/** Sets of read models, each in a file of its own. */
export type ModelSet = 'read-models' | 'reports'

const parts = ['', '-wal', '-shm', '-journal']

export const removeDatabase = (file: string): void => {
  for (const part of parts) rmSync(file + part, { force: true })
}

const openPointers = (folder: string): Database =>
  openDurable(folder, 'generations.db', (db) =>
    db.exec('CREATE TABLE IF NOT EXISTS current (name TEXT PRIMARY KEY, file TEXT NOT NULL) STRICT, WITHOUT ROWID'),
  )

/** While it is held, nobody else makes a next generation in this folder. */
export interface Draft {
  /** The file to build in. It becomes a generation when it is pointed to. */
  readonly file: string
  /** Puts the draft in the place of the present file, for everybody at once. It must be closed. */
  readonly publish: () => void
  /** Gives up: the present file stays. */
  readonly abandon: () => void
}

/**
 * Which file holds a set of read models: one row, that a running server reads again. `NAME.db` is the first generation,
 * `NAME-2.db` the next.
 */
export const openGenerations = (folder: string, name: ModelSet) => {
  let db: Database
  try {
    db = openPointers(folder)
  } catch (error) {
    if (!isDamage(error)) throw error
    removeDatabase(join(folder, 'generations.db'))
    db = openPointers(folder)
  }
  const find = db.prepare<[string], string>('SELECT file FROM current WHERE name = ?').pluck()
  const point = db.prepare(
    'INSERT INTO current (name, file) VALUES (?, ?) ON CONFLICT DO UPDATE SET file = excluded.file',
  )
  const pattern = new RegExp(`^${name}(?:-(\\d{1,9}))?\\.db$`)
  const current = (): string => {
    const file = find.get(name)
    return file !== undefined && pattern.test(file) ? file : `${name}.db`
  }
  const draftFile = join(folder, `${name}.draft`)

  return {
    /** The path of the file in use. */
    file: (): string => join(folder, current()),
    /** Removes generations that nothing points to any more. Whoever has one open keeps it until it is closed. */
    removeOthers: (): void => {
      const kept = current()
      for (const file of readdirSync(folder)) {
        if (pattern.test(file) && file !== kept) removeDatabase(join(folder, file))
      }
    },
    /** Null where somebody else is at it. It holds a write transaction, so that a killed process leaves nothing behind. */
    draft: (): Draft | null => {
      db.pragma('busy_timeout = 0')
      try {
        db.exec('BEGIN IMMEDIATE')
      } catch {
        return null
      } finally {
        db.pragma('busy_timeout = 10000')
      }
      removeDatabase(draftFile)
      return {
        file: ownedFile(draftFile),
        publish: () => {
          const next = `${name}-${Number(pattern.exec(current())?.[1] ?? 1) + 1}.db`
          removeDatabase(join(folder, next))
          // On the disk before anything points to it.
          synced(draftFile)
          renameSync(draftFile, join(folder, next))
          synced(folder)
          point.run(name, next)
          db.exec('COMMIT')
        },
        abandon: () => {
          db.exec('ROLLBACK')
          removeDatabase(draftFile)
        },
      }
    },
    close: (): void => void db.close(),
  }
}
