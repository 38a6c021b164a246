import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { isDamage } from '../../adapters/errors.ts'
import { openDurable, ownedFile, synced } from '../../adapters/own-files.ts'
import type { ModelSet } from '../../projections/registry.ts'

const suffixes = ['', '-wal', '-shm', '-journal']

export const removeDatabase = (file: string): void => {
  for (const suffix of suffixes) rmSync(file + suffix, { force: true })
}

const pointers = 'generations.db'

const openPointers = (folder: string): Database =>
  openDurable(folder, pointers, (db) =>
    db.exec('CREATE TABLE IF NOT EXISTS current (name TEXT PRIMARY KEY, file TEXT NOT NULL) STRICT, WITHOUT ROWID'),
  )

/** A damaged file of pointers is made anew, once it was read twice: the disk may have failed once. */
const openPointersOrAnew = (folder: string): Database => {
  for (const isLast of [false, true]) {
    try {
      return openPointers(folder)
    } catch (error) {
      if (!isDamage(error)) throw error
      if (isLast) removeDatabase(join(folder, pointers))
    }
  }
  return openPointers(folder)
}

/** The exclusive right to make the next generation of some sets in a folder. */
export interface Drafts {
  /** The file to build a set in. It becomes a generation by `publish`. */
  readonly file: (set: ModelSet) => string
  /** Makes the drafts the current files, in one transaction. They must be closed. */
  readonly publish: () => void
  /** Removes the drafts: the current files stay. */
  readonly abandon: () => void
}

const patternOf = (set: ModelSet): RegExp => new RegExp(`^${set}(?:-(\\d{1,9}))?\\.db$`)

/**
 * Which file is the current generation of each set of read models: a row in `generations.db`, which running servers
 * poll. `SET.db` is the first generation, `SET-2.db` the next.
 */
export const openGenerations = (folder: string) => {
  const db = openPointersOrAnew(folder)
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
    // The file must be on the disk before the row that names it.
    synced(draftOf(set))
    renameSync(draftOf(set), join(folder, next))
    synced(folder)
    point.run(set, next)
  }

  return {
    /** The path of the current file. */
    file: (set: ModelSet): string => join(folder, current(set)),
    /** Removes all generations but the current one. A process that has one open can use it until it closes it. */
    removeOthers: (set: ModelSet): void => {
      const kept = current(set)
      for (const file of readdirSync(folder)) {
        if (patternOf(set).test(file) && file !== kept) removeDatabase(join(folder, file))
      }
    },
    /** Null while another process has them. They are a write transaction, so a killed process leaves no lock behind. */
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

/** The current file of a set; null where no server has made it yet. */
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
