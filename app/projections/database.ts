import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Projection } from '../../projections/projection.ts'
import { messageOf } from '../../adapters/errors.ts'
import { ownedFile, ownFolder } from '../../adapters/own-files.ts'
import { removeDatabase } from './generations.ts'

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

const make = (db: Database, { name, version, tables, indexes = '' }: Projection<unknown>, bare = false): void => {
  const before = new Set(tableNames(db))
  db.exec(bare ? tables : tables + indexes)
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

/** Those that stand in the file in another version than this code's. */
export const staleIn = (db: Database, projections: readonly Projection<unknown>[]): string[] =>
  db
    .prepare<[], Made>('SELECT projection, version FROM checkpoints')
    .all()
    .filter(({ projection, version }) =>
      projections.some((each) => each.name === projection && each.version !== version),
    )
    .map(({ projection }) => projection)

/**
 * Makes what is missing, and drops and makes again what stands there in another version, unless it may stay until it is
 * rebuilt. Answers the names of those that were dropped.
 */
const bringUpToDate = (
  db: Database,
  projections: readonly Projection<unknown>[],
  mayStay: (projection: Projection<unknown>) => boolean,
): string[] => {
  const standing = db.prepare<[], Made>('SELECT projection, version FROM checkpoints').all()
  const dropped: string[] = []
  for (const { projection, version } of standing) {
    const present = projections.find(({ name }) => name === projection)
    if (present?.version === version || (present !== undefined && mayStay(present))) continue
    drop(db, projection)
    dropped.push(projection)
  }
  for (const each of projections) {
    if (dropped.includes(each.name) || !standing.some(({ projection }) => projection === each.name)) make(db, each)
  }
  return dropped
}

const isNew = (db: Database): boolean =>
  db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get() === 0

/** Whether the present queries can be asked of tables that an earlier version made. */
const answers = (db: Database, projection: Projection<unknown>): boolean => {
  try {
    projection.queries(db)
    return true
  } catch {
    return false
  }
}

/**
 * Opens the file of a draft, which nobody reads: without a sync, and with what it takes to undo a batch in memory.
 * What stands in another version is made anew, and so are
 * `anew`, their indexes left to `finishDraft`.
 */
export const openDraftFile = (
  file: string,
  projections: readonly Projection<unknown>[],
  anew: readonly Projection<unknown>[],
): Database => {
  const db = new Sqlite(file)
  db.pragma('journal_mode = DELETE')
  db.pragma('synchronous = OFF')
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('cache_size = -48000')
  if (isNew(db)) makeOwnTables(db)
  bringUpToDate(db, projections, () => false)
  for (const each of anew) {
    drop(db, each.name)
    make(db, each, true)
  }
  return db
}

/** Makes the indexes that `openDraftFile` left for the end. */
export const finishDraft = (db: Database, anew: readonly Projection<unknown>[]): void => {
  for (const { indexes } of anew) if (indexes !== undefined) db.exec(indexes)
}

interface Opening {
  readonly projections: readonly Projection<unknown>[]
  readonly onRemade: (reason: string) => void
  /** Somebody will rebuild what stands in another version: where it can, it answers until then. */
  readonly keepStale: boolean
}

const openFile = (file: string, { projections, onRemade, keepStale }: Opening): Database | string => {
  let db: Database | undefined
  try {
    const opened = prepare(new Sqlite(ownedFile(file), { timeout: 10_000 }))
    db = opened
    const mayStay = (each: Projection<unknown>): boolean => keepStale && answers(opened, each)
    const dropped = opened
      .transaction(() => {
        if (isNew(opened)) makeOwnTables(opened)
        const isOurs = opened.pragma('user_version', { simple: true }) === schema
        return isOurs ? bringUpToDate(opened, projections, mayStay) : null
      })
      .immediate()
    if (dropped !== null) {
      if (dropped.length > 0) onRemade(`of another version: ${dropped.join(', ')}`)
      return opened
    }
    db.close()
    return 'the file was made by another version'
  } catch (error) {
    db?.close()
    return messageOf(error)
  }
}

/**
 * Opens a file of read models. One that is damaged or no database is removed and made anew, a read model of another
 * version alone is emptied; `onRemade` hears why. The log has everything that was in it.
 * @throws Error where the folder cannot hold the file.
 */
export const openReadModelFile = (
  file: string,
  projections: readonly Projection<unknown>[],
  onRemade: (reason: string) => void,
  keepStale = false,
): Database => {
  ownFolder(dirname(file))
  const opening = { projections, onRemade, keepStale }
  const opened = openFile(file, opening)
  if (typeof opened !== 'string') return opened
  onRemade(opened)
  removeDatabase(file)
  const again = openFile(file, opening)
  if (typeof again === 'string') throw new Error(`the read models cannot be made in ${file}: ${again}`)
  return again
}
