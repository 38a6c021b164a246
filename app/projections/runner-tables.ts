import type { Database } from 'better-sqlite3'
import type { Anchor } from '../../domain/event-log/anchor.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import { ticketOfStream, type EventId, type StreamName, type TicketId } from '../../domain/ids.ts'
import type { Projection } from '../../projections/projection.ts'

/** Version of the runner's own tables. */
const runnerSchema = 2

export const makeRunnerTables = (db: Database): void => {
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

const appliedColumns = (db: Database): readonly string[] =>
  db.prepare<[], string>("SELECT name FROM pragma_table_info('applied')").pluck().all()

/**
 * The anchor of the file: the log, and the event that was applied last (docs/adr/0033-log-identity.md). In a file of an
 * earlier build the event has no hash, or the table is missing.
 */
export const makeAppliedTable = (db: Database): void => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS applied (
      one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL,
      id TEXT NOT NULL
    ) STRICT
  `)
  const columns = appliedColumns(db)
  for (const added of ['hash', 'log'].filter((name) => !columns.includes(name))) {
    db.exec(`ALTER TABLE applied ADD COLUMN ${added} TEXT NOT NULL DEFAULT ''`)
  }
}

/** The last event that was applied to a file. `hash` and `log` are empty where it was read without hashes. */
export interface AppliedEvent extends Anchor {
  readonly id: EventId
}

/** Undefined where a file holds no event, or does not name it. */
export const lastApplied = (db: Database): AppliedEvent | undefined => {
  const columns = appliedColumns(db)
  if (columns.length === 0) return undefined
  const own = columns.includes('hash') ? 'log, hash' : "'' AS log, '' AS hash"
  return db.prepare<[], AppliedEvent>(`SELECT position, stream, version, id, ${own} FROM applied`).get()
}

/** Completes the anchor of a file that was filled without hashes. */
export const nameApplied = (db: Database, { log, position, hash }: Anchor): void =>
  void db.prepare('UPDATE applied SET log = ?, hash = ? WHERE position = ?').run(log, hash, position)

export const isEmpty = (db: Database): boolean =>
  db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get() === 0
export const isOfThisRunner = (db: Database): boolean => db.pragma('user_version', { simple: true }) === runnerSchema

const tableNames = (db: Database): string[] =>
  // FTS5 makes shadow tables, and drops them itself.
  db.prepare<[], string>("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'").pluck().all()

export const make = (
  db: Database,
  { name, version, tables, indexes = '' }: Projection<unknown>,
  withIndexes = true,
): void => {
  const before = new Set(tableNames(db))
  db.exec(withIndexes ? tables + indexes : tables)
  const record = db.prepare('INSERT INTO made (projection, name) VALUES (?, ?)')
  for (const table of tableNames(db)) if (!before.has(table)) record.run(name, table)
  db.prepare("INSERT INTO checkpoints VALUES (?, ?, '0', 0, 0)").run(name, version)
}

/** The tables that a read model made in a file. */
export const tablesOf = (db: Database, projection: string): string[] =>
  db.prepare<[string], string>('SELECT name FROM made WHERE projection = ? ORDER BY name').pluck().all(projection)

export const drop = (db: Database, projection: string): void => {
  for (const table of tablesOf(db, projection)) db.exec(`DROP TABLE "${table}"`)
  for (const own of ['checkpoints', 'made', 'parked'])
    db.prepare(`DELETE FROM ${own} WHERE projection = ?`).run(projection)
}

export interface Checkpoint {
  readonly projection: string
  readonly version: number
  readonly position: Position
  /** Events per second of the last batch. */
  readonly rate: number
}

/** Reads the checkpoints again and again, by one prepared statement. */
export const checkpointReader = (db: Database): (() => readonly Checkpoint[]) => {
  const all = db.prepare<[], Checkpoint>('SELECT projection, version, position, rate FROM checkpoints')
  return () => all.all()
}

export const checkpointsIn = (db: Database): readonly Checkpoint[] => checkpointReader(db)()

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

/** The state of a build's read models, of which a file may lack some, which stand at the log's start, and hold others. */
export const statusOfBuild = (
  inFile: readonly ProjectionStatus[],
  projections: readonly Pick<Projection<unknown>, 'name' | 'version'>[],
  lagSeconds: number,
): readonly ProjectionStatus[] =>
  projections.map(({ name, version }) => {
    const found = inFile.find((each) => each.name === name)
    return { ...(found ?? { name, version, position: start, eventsPerSecond: 0, parked: [] }), lagSeconds }
  })
