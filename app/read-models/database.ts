import { chmodSync, closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Projection } from '../../projections/projection.ts'

/** Version of the runner's own tables. */
const schema = 2

/** The log can make all of this again, so NORMAL is enough (rulings, 23). */
const prepare = (db: Database): Database => {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  // 32 MB: the postings of a common word are read once, not once a query.
  db.pragma('cache_size = -32000')
  return db
}

const makeOwnTables = (db: Database): void => {
  db.exec(`
    CREATE TABLE checkpoints (
      projection TEXT PRIMARY KEY, version INTEGER NOT NULL, position TEXT NOT NULL, rate REAL NOT NULL,
      passed_over INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE made (projection TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (projection, name)) STRICT, WITHOUT ROWID;
    CREATE TABLE parked (
      projection TEXT NOT NULL, stream TEXT NOT NULL, position TEXT NOT NULL, reason TEXT NOT NULL,
      PRIMARY KEY (projection, stream)
    ) STRICT, WITHOUT ROWID;
  `)
  db.pragma(`user_version = ${schema}`)
}

interface Made {
  readonly projection: string
  readonly version: number
}

const tableNames = (db: Database): string[] =>
  // FTS5 makes tables of its own, and drops them itself.
  db.prepare<[], string>("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'").pluck().all()

const make = (db: Database, { name, version, tables }: Projection<unknown>): void => {
  const before = new Set(tableNames(db))
  db.exec(tables)
  const note = db.prepare('INSERT INTO made (projection, name) VALUES (?, ?)')
  for (const table of tableNames(db)) if (!before.has(table)) note.run(name, table)
  db.prepare("INSERT INTO checkpoints VALUES (?, ?, '0', 0, 0)").run(name, version)
}

const drop = (db: Database, projection: string): void => {
  const tables = db.prepare<[string], string>('SELECT name FROM made WHERE projection = ?').pluck().all(projection)
  for (const table of tables) db.exec(`DROP TABLE "${table}"`)
  for (const own of ['checkpoints', 'made', 'parked'])
    db.prepare(`DELETE FROM ${own} WHERE projection = ?`).run(projection)
}

/** Makes what is missing, and drops and makes again what stands there in another version. Answers their names. */
const bringUpToDate = (db: Database, projections: readonly Projection<unknown>[]): string[] => {
  const standing = db.prepare<[], Made>('SELECT projection, version FROM checkpoints').all()
  const stale = standing.filter(
    ({ projection, version }) => !projections.some((each) => each.name === projection && each.version === version),
  )
  for (const { projection } of stale) drop(db, projection)
  for (const each of projections) {
    if (!standing.some((row) => row.projection === each.name && row.version === each.version)) make(db, each)
  }
  return stale.map(({ projection }) => projection)
}

const isNew = (db: Database): boolean =>
  db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get() === 0

const fileIn = (folder: string): string => join(folder, 'read-models.db')

const openFile = (
  folder: string,
  projections: readonly Projection<unknown>[],
  onRemade: (reason: string) => void,
): Database | string => {
  const file = fileIn(folder)
  // SQLite gives its -wal and -shm files the mode of the database file.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  let db: Database | undefined
  try {
    const opened = prepare(new Sqlite(file, { timeout: 10_000 }))
    db = opened
    const stale = opened
      .transaction(() => {
        if (isNew(opened)) makeOwnTables(opened)
        return opened.pragma('user_version', { simple: true }) === schema ? bringUpToDate(opened, projections) : null
      })
      .immediate()
    if (stale !== null) {
      if (stale.length > 0) onRemade(`of another version: ${stale.join(', ')}`)
      return opened
    }
    db.close()
    return 'the file was made by another version'
  } catch (error) {
    db?.close()
    return error instanceof Error ? error.message : String(error)
  }
}

export const removeReadModelFile = (folder: string): void => {
  for (const part of ['', '-wal', '-shm']) rmSync(fileIn(folder) + part, { force: true })
}

/**
 * Opens `read-models.db`. A file that is damaged or no database is removed and made anew, a read model of another
 * version alone is emptied; `onRemade` hears why. The log has everything that was in it.
 * @throws Error where the folder cannot hold the file.
 */
export const openReadModelFile = (
  folder: string,
  projections: readonly Projection<unknown>[],
  onRemade: (reason: string) => void,
): Database => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const opened = openFile(folder, projections, onRemade)
  if (typeof opened !== 'string') return opened
  onRemade(opened)
  removeReadModelFile(folder)
  const again = openFile(folder, projections, onRemade)
  if (typeof again === 'string') throw new Error(`the read models cannot be made in ${fileIn(folder)}: ${again}`)
  return again
}
