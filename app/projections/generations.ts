import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
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

const pointers = 'generations.db'

const openPointers = (folder: string): Database =>
  openDurable(folder, pointers, (db) =>
    db.exec('CREATE TABLE IF NOT EXISTS current (name TEXT PRIMARY KEY, file TEXT NOT NULL) STRICT, WITHOUT ROWID'),
  )

/** While they are held, nobody else makes a next generation in this folder. */
export interface Drafts {
  /** The file to build a set in. It becomes a generation when it is pointed to. */
  readonly file: (set: ModelSet) => string
  /** Puts the drafts in the place of the present files, for everybody at once. They must be closed. */
  readonly publish: () => void
  /** Gives up: the present files stay. */
  readonly abandon: () => void
}

const patternOf = (set: ModelSet): RegExp => new RegExp(`^${set}(?:-(\\d{1,9}))?\\.db$`)

/**
 * Which file holds each set of read models: a row, that a running server reads again. `SET.db` is the first generation,
 * `SET-2.db` the next.
 */
export const openGenerations = (folder: string) => {
  let db: Database
  try {
    db = openPointers(folder)
  } catch (error) {
    if (!isDamage(error)) throw error
    removeDatabase(join(folder, pointers))
    db = openPointers(folder)
  }
  const find = db.prepare<[string], string>('SELECT file FROM current WHERE name = ?').pluck()
  const point = db.prepare(
    'INSERT INTO current (name, file) VALUES (?, ?) ON CONFLICT DO UPDATE SET file = excluded.file',
  )
  const current = (set: ModelSet): string => {
    const file = find.get(set)
    return file !== undefined && patternOf(set).test(file) ? file : `${set}.db`
  }
  const draftOf = (set: ModelSet): string => join(folder, `${set}.draft`)

  const publish = (set: ModelSet): void => {
    const next = `${set}-${Number(patternOf(set).exec(current(set))?.[1] ?? 1) + 1}.db`
    removeDatabase(join(folder, next))
    // On the disk before anything points to it.
    synced(draftOf(set))
    renameSync(draftOf(set), join(folder, next))
    synced(folder)
    point.run(set, next)
  }

  return {
    /** The path of the file in use. */
    file: (set: ModelSet): string => join(folder, current(set)),
    /** Removes generations that nothing points to any more. Whoever has one open keeps it until it is closed. */
    removeOthers: (set: ModelSet): void => {
      const kept = current(set)
      for (const file of readdirSync(folder)) {
        if (patternOf(set).test(file) && file !== kept) removeDatabase(join(folder, file))
      }
    },
    /** Null where somebody else is at it. It holds a write transaction, so that a killed process leaves nothing behind. */
    drafts: (of: readonly ModelSet[]): Drafts | null => {
      db.pragma('busy_timeout = 0')
      try {
        db.exec('BEGIN IMMEDIATE')
      } catch {
        return null
      } finally {
        db.pragma('busy_timeout = 10000')
      }
      for (const set of of) {
        removeDatabase(draftOf(set))
        ownedFile(draftOf(set))
      }
      return {
        file: draftOf,
        publish: () => {
          for (const set of of) publish(set)
          db.exec('COMMIT')
        },
        abandon: () => {
          db.exec('ROLLBACK')
          for (const set of of) removeDatabase(draftOf(set))
        },
      }
    },
    close: (): void => void db.close(),
  }
}

/** The file of a set that a folder's servers have in use; null where none of them made it yet. */
export const fileInUse = (folder: string, set: ModelSet): string | null => {
  if (!existsSync(join(folder, pointers))) return null
  const generations = openGenerations(folder)
  try {
    const file = generations.file(set)
    return existsSync(file) ? file : null
  } finally {
    generations.close()
  }
}
