import { chmodSync, closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Projection } from '../../projections/projection.ts'

/** Version of the runner's own tables. */
const schema = 1

/** The log can make all of this again, so NORMAL is enough (rulings, 23). */
const prepare = (db: Database): Database => {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  return db
}

const create = (db: Database, projections: readonly Projection<unknown>[]): void => {
  const make = db.transaction(() => {
    db.exec(`
      CREATE TABLE checkpoints (
        projection TEXT PRIMARY KEY, version INTEGER NOT NULL, position TEXT NOT NULL, rate REAL NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE parked (
        projection TEXT NOT NULL, stream TEXT NOT NULL, position TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (projection, stream)
      ) STRICT, WITHOUT ROWID;
    `)
    const add = db.prepare("INSERT INTO checkpoints (projection, version, position, rate) VALUES (?, ?, '0', 0)")
    for (const { name, version, tables } of projections) {
      db.exec(tables)
      add.run(name, version)
    }
    db.pragma(`user_version = ${schema}`)
  })
  make.immediate()
}

/** Whether the file was made by these very projections. */
const isCurrent = (db: Database, projections: readonly Projection<unknown>[]): boolean => {
  if (db.pragma('user_version', { simple: true }) !== schema) return false
  const rows = db
    .prepare<[], { readonly projection: string; readonly version: number }>(
      'SELECT projection, version FROM checkpoints',
    )
    .all()
  return (
    rows.length === projections.length &&
    projections.every(({ name, version }) => rows.some((row) => row.projection === name && row.version === version))
  )
}

const isNew = (db: Database): boolean =>
  db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get() === 0

const openFile = (file: string, projections: readonly Projection<unknown>[]): Database | string => {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  let db: Database | undefined
  try {
    db = prepare(new Sqlite(file, { timeout: 10_000 }))
    if (isNew(db)) create(db, projections)
    if (isCurrent(db, projections)) return db
    db.close()
    return 'it was made by another version'
  } catch (error) {
    db?.close()
    return error instanceof Error ? error.message : String(error)
  }
}

const fileIn = (folder: string): string => join(folder, 'read-models.db')

export const removeReadModelFile = (folder: string): void => {
  for (const part of ['', '-wal', '-shm']) rmSync(fileIn(folder) + part, { force: true })
}

/**
 * Opens `read-models.db`. A file that is missing, damaged or of another version is made anew, and `onRemade` hears why:
 * the log has everything that was in it.
 */
export const openReadModelFile = (
  folder: string,
  projections: readonly Projection<unknown>[],
  onRemade: (reason: string) => void,
): Database => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = fileIn(folder)
  const opened = openFile(file, projections)
  if (typeof opened !== 'string') return opened
  onRemade(opened)
  removeReadModelFile(folder)
  const again = openFile(file, projections)
  if (typeof again === 'string') throw new Error(`the read models cannot be made in ${file}: ${again}`)
  return again
}
