import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { codeOf, isDamage, messageOf } from '../../adapters/errors.ts'
import { ownedFile, ownFolder } from '../../adapters/own-files.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import { ticketOfStream, type StreamName, type TicketId } from '../../domain/ids.ts'
import type { Projection } from '../../projections/projection.ts'
import type { AppliedEvent } from '../log-origin.ts'
import { removeDatabase } from './generations.ts'

type Projections = readonly Projection<unknown>[]

/** Version of the runner's own tables. */
const runnerSchema = 2

const makeRunnerTables = (db: Database): void => {
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
  db.pragma(`user_version = ${runnerSchema}`)
}

/** Which event was applied last. A file of an earlier build has no such table yet. */
const makeAppliedTable = (db: Database): void => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS applied (
      one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL,
      id TEXT NOT NULL
    ) STRICT
  `)
}

/** The last event that was applied to a file; undefined where it holds none, or does not name it. */
export const lastApplied = (db: Database): AppliedEvent | undefined =>
  db.prepare<[], AppliedEvent>('SELECT position, stream, version, id FROM applied').get()

const isEmpty = (db: Database): boolean =>
  db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get() === 0
const isOfThisRunner = (db: Database): boolean => db.pragma('user_version', { simple: true }) === runnerSchema

const tableNames = (db: Database): string[] =>
  // FTS5 makes shadow tables, and drops them itself.
  db.prepare<[], string>("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'").pluck().all()

const make = (db: Database, { name, version, tables, indexes = '' }: Projection<unknown>, withIndexes = true): void => {
  const before = new Set(tableNames(db))
  db.exec(withIndexes ? tables + indexes : tables)
  const record = db.prepare('INSERT INTO made (projection, name) VALUES (?, ?)')
  for (const table of tableNames(db)) if (!before.has(table)) record.run(name, table)
  db.prepare("INSERT INTO checkpoints VALUES (?, ?, '0', 0, 0)").run(name, version)
}

/** The tables that a read model made in a file. */
export const tablesOf = (db: Database, projection: string): string[] =>
  db.prepare<[string], string>('SELECT name FROM made WHERE projection = ? ORDER BY name').pluck().all(projection)

const drop = (db: Database, projection: string): void => {
  for (const table of tablesOf(db, projection)) db.exec(`DROP TABLE "${table}"`)
  for (const own of ['checkpoints', 'made', 'parked'])
    db.prepare(`DELETE FROM ${own} WHERE projection = ?`).run(projection)
}

/** An open file, and how its read models fit those of this build. */
interface OpenFile {
  readonly db: Database
  readonly comparison: Comparison
}

/** Opens a file as it is; makes all tables in a new one. Null for a file of another version of the runner. */
const openFile = (file: string, projections: Projections): OpenFile | null => {
  const db = new Sqlite(ownedFile(file), { timeout: 10_000 })
  try {
    db.pragma('journal_mode = WAL')
    // A crash may lose the last batches: the log still has them.
    db.pragma('synchronous = NORMAL')
    // 32 MB, so that the postings of a common word are read from the disk once.
    db.pragma('cache_size = -32000')
    const isUsable = db.transaction(() => {
      if (isEmpty(db)) {
        makeRunnerTables(db)
        for (const each of projections) make(db, each)
      }
      if (!isOfThisRunner(db)) return false
      makeAppliedTable(db)
      return true
    })
    if (isUsable.immediate()) return { db, comparison: compareWithBuild(db, projections) }
  } catch (error) {
    db.close()
    throw error
  }
  db.close()
  return null
}

/** Whether a file is beyond use: damaged, or without the tables that its version says. */
const isUseless = (error: unknown): boolean => isDamage(error) || codeOf(error) === 'SQLITE_ERROR'

/** As `openFile`. A file that looks damaged is read once more: the disk may have failed once. */
const openFileTwice = (file: string, projections: Projections): OpenFile | null => {
  try {
    return openFile(file, projections)
  } catch (error) {
    if (!isUseless(error)) throw error
    return openFile(file, projections)
  }
}

/**
 * Opens a file of read models. A missing one is made. One that is damaged, or of another version of the runner, is
 * removed and made again; `onRemade` gets the reason. Tables of read models that are there are never altered: another
 * build may be using them.
 * @throws Error where the folder cannot hold the file, or the disk fails: the file stays as it is.
 */
export const openReadModelFile = (
  file: string,
  projections: Projections,
  onRemade: (reason: string) => void,
): OpenFile => {
  ownFolder(dirname(file))
  let reason = 'the file was made by another version of the program'
  try {
    const opened = openFileTwice(file, projections)
    if (opened !== null) return opened
  } catch (error) {
    if (!isUseless(error)) throw error
    reason = messageOf(error)
  }
  onRemade(reason)
  removeDatabase(file)
  const remade = openFile(file, projections)
  if (remade === null) throw new Error(`the read models cannot be made in ${file}`)
  return remade
}

/**
 * Opens the file of a draft, which nobody reads: without a sync, and with what undoes a batch in memory. It may hold a
 * copy of a live file. Read models that this build does not have are dropped; those named, and those that differ from
 * this build's, are made anew without their indexes and returned as `rebuilt`.
 */
export const openDraftFile = (file: string, projections: Projections, names: readonly string[]) => {
  const db = new Sqlite(file)
  db.pragma('journal_mode = DELETE')
  db.pragma('synchronous = OFF')
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('cache_size = -48000')
  if (isEmpty(db)) makeRunnerTables(db)
  makeAppliedTable(db)
  const { outdated, removed } = compareWithBuild(db, projections)
  const rebuilt = projections.filter(({ name }) => names.includes(name) || outdated.includes(name))
  for (const name of [...removed, ...rebuilt.map((each) => each.name)]) drop(db, name)
  for (const each of rebuilt) make(db, each, false)
  return { db, rebuilt }
}

/** Makes the indexes that `openDraftFile` left out. */
export const finishDraft = (db: Database, rebuilt: Projections): void => {
  for (const { indexes } of rebuilt) if (indexes !== undefined) db.exec(indexes)
}

/** Whether a live file can be copied as the beginning of a draft. */
export const canBeCopied = (file: string): boolean => {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return isOfThisRunner(db)
  } catch {
    return false
  } finally {
    db.close()
  }
}

const normalised = (sql: string): string =>
  sql
    .replaceAll(/--.*/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')

/** A table's columns, keys and indexes, however its SQL was written. */
const schemaOfTable = (db: Database, table: string): unknown => {
  const [kind] = db.prepare('SELECT type, wr, strict FROM pragma_table_list WHERE name = ?').all(table)
  const columns = db.prepare('SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?)').all(table)
  const keys = db
    .prepare(
      `SELECT l.origin, x.seqno, x.name FROM pragma_index_list(?) l JOIN pragma_index_xinfo(l.name) x
       WHERE l.origin <> 'c' AND x.key = 1 ORDER BY l.origin, l.name, x.seqno`,
    )
    .all(table)
  const statements = db
    .prepare<[string, string], string>(
      `SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL
         AND (type <> 'table' OR name IN (SELECT name FROM pragma_table_list WHERE type = 'virtual' AND name = ?))
       ORDER BY name`,
    )
    .pluck()
    .all(table, table)
  return { table, kind, columns, keys, statements: statements.map(normalised) }
}

/** The tables and indexes of a read model, as a text that is equal exactly where they are. */
const schemaOf = (db: Database, projection: string): string =>
  JSON.stringify(tablesOf(db, projection).map((table) => schemaOfTable(db, table)))

/** How the read models in a file fit those of this build. */
export interface Comparison {
  /** Of the same version with the same tables: they are fed. */
  readonly current: ReadonlySet<string>
  /** Their tables, and those of all that they read from, are this build's: their queries work, current or not. */
  readonly answering: ReadonlySet<string>
  /** Of this build, and missing in the file or not current. */
  readonly outdated: readonly string[]
  /** In the file, and no longer in this build. */
  readonly removed: readonly string[]
}

/** Compares versions and schemas; reads only, and tries no query. */
export const compareWithBuild = (db: Database, projections: Projections): Comparison => {
  const inFile = new Map(checkpointsIn(db).map(({ projection, version }) => [projection, version]))
  const build = new Sqlite(':memory:')
  try {
    makeRunnerTables(build)
    for (const each of projections) make(build, each)
    const sameTables = new Set(
      projections.flatMap(({ name }) =>
        inFile.has(name) && schemaOf(db, name) === schemaOf(build, name) ? [name] : [],
      ),
    )
    const fits = ({ name, readsFrom = [] }: Projection<unknown>): boolean =>
      sameTables.has(name) && projections.filter((each) => readsFrom.includes(each.name)).every(fits)
    const isCurrent = ({ name, version }: Projection<unknown>): boolean =>
      inFile.get(name) === version && sameTables.has(name)
    const namesWhere = (holds: (each: Projection<unknown>) => boolean): string[] =>
      projections.filter(holds).map(({ name }) => name)
    return {
      current: new Set(namesWhere(isCurrent)),
      answering: new Set(namesWhere(fits)),
      outdated: namesWhere((each) => !isCurrent(each)),
      removed: [...inFile.keys()].filter((name) => !projections.some((each) => each.name === name)),
    }
  } finally {
    build.close()
  }
}

/** Names of this build's read models that are missing in a file or not current; it is only read. */
export const outdatedIn = (file: string, projections: Projections): readonly string[] => {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return isOfThisRunner(db) ? compareWithBuild(db, projections).outdated : projections.map(({ name }) => name)
  } finally {
    db.close()
  }
}

export interface Checkpoint {
  readonly projection: string
  readonly version: number
  readonly position: Position
  /** Events per second of the last batch. */
  readonly rate: number
}

export const checkpointsIn = (db: Database): readonly Checkpoint[] =>
  db.prepare<[], Checkpoint>('SELECT projection, version, position, rate FROM checkpoints').all()

/** Events of types that this build does not know, passed over since the file was made. */
export const passedOver = (db: Database): number =>
  db.prepare<[], number>('SELECT coalesce(max(passed_over), 0) FROM checkpoints').pluck().get() ?? 0

/** A stream that a projection stopped at, while all others go on (docs/adr/0017-parked-streams.md). */
export interface Parked {
  readonly projection: string
  readonly stream: StreamName
  /** Of the first event that it could not take. */
  readonly position: Position
  readonly reason: string
}

export const parkedIn = (db: Database): readonly Parked[] =>
  db.prepare<[], Parked>('SELECT projection, stream, position, reason FROM parked').all()

/** As `GET /v1/projections` shows it. */
export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly position: Position
  /** Age of the oldest event that is not yet in the read model; 0 when it has all. */
  readonly lagSeconds: number
  /** Of the last batch. */
  readonly eventsPerSecond: number
  readonly parked: readonly {
    /** The name of the stream where it is not a ticket's. */
    readonly ticket: TicketId | StreamName
    readonly position: Position
    readonly reason: string
  }[]
}

/** Each projection's state in a file. The caller, who knows the log, gives `lagSeconds`. */
export const readStatus = (db: Database, lagSeconds: number): readonly ProjectionStatus[] => {
  const parked = parkedIn(db)
  return checkpointsIn(db).map(({ projection, version, position, rate }) => ({
    name: projection,
    version,
    position,
    lagSeconds,
    eventsPerSecond: rate,
    parked: parked
      .filter((each) => each.projection === projection)
      .map(({ stream, position: at, reason }) => ({ ticket: ticketOfStream(stream) ?? stream, position: at, reason })),
  }))
}
