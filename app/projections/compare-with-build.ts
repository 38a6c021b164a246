import Sqlite, { type Database } from 'better-sqlite3'
import type { Projection } from '../../projections/projection.ts'
import { checkpointsIn, make, makeRunnerTables, tablesOf } from './runner-tables.ts'

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

/** Each list of read models is made once: it takes longer than reading the schema of a file. */
const made = new WeakMap<readonly Projection<unknown>[], ReadonlyMap<string, string>>()

/** The schemas that this build makes, by the names of the read models. */
const schemasOf = (projections: readonly Projection<unknown>[]): ReadonlyMap<string, string> => {
  const before = made.get(projections)
  if (before !== undefined) return before
  const build = new Sqlite(':memory:')
  try {
    makeRunnerTables(build)
    for (const each of projections) make(build, each)
    const schemas = new Map(projections.map(({ name }) => [name, schemaOf(build, name)]))
    made.set(projections, schemas)
    return schemas
  } finally {
    build.close()
  }
}

/** How the read models in a file fit those of this build. */
export interface Comparison {
  /** Of the same version with the same tables: they are fed. */
  readonly current: ReadonlySet<string>
  /** Their tables, and those of all that they read from, are this build's: their queries work, current or not unless they must be fed. */
  readonly answering: ReadonlySet<string>
  /** Of this build, and missing in the file or not current. */
  readonly outdated: readonly string[]
  /** In the file, and no longer in this build. */
  readonly removed: readonly string[]
}

/** Compares versions and schemas; reads only, and tries no query. */
export const compareWithBuild = (db: Database, projections: readonly Projection<unknown>[]): Comparison => {
  const inFile = new Map(checkpointsIn(db).map(({ projection, version }) => [projection, version]))
  const schemas = schemasOf(projections)
  const sameTables = new Set(
    projections.flatMap(({ name }) => (inFile.has(name) && schemaOf(db, name) === schemas.get(name) ? [name] : [])),
  )
  const isCurrent = ({ name, version }: Projection<unknown>): boolean =>
    inFile.get(name) === version && sameTables.has(name)
  const fits = (each: Projection<unknown>): boolean =>
    sameTables.has(each.name) &&
    (each.mustBeFed !== true || isCurrent(each)) &&
    projections.filter(({ name }) => each.readsFrom?.includes(name)).every(fits)
  const namesWhere = (holds: (each: Projection<unknown>) => boolean): string[] =>
    projections.filter(holds).map(({ name }) => name)
  return {
    current: new Set(namesWhere(isCurrent)),
    answering: new Set(namesWhere(fits)),
    outdated: namesWhere((each) => !isCurrent(each)),
    removed: [...inFile.keys()].filter((name) => !projections.some((each) => each.name === name)),
  }
}
