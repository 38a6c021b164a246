import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import * as t from 'io-ts'
import { digestOf } from '../../app/projections/compare.ts'
import { projectionRunner } from '../../app/projections/projection-runner.ts'
import { tablesOf } from '../../app/projections/runner-tables.ts'
import type { Projection } from '../../projections/projection.ts'
import { projectionsOf, setNames } from '../../projections/registry.ts'
import { withProjections } from '../support/projection-specs.ts'
import { goldenLog } from './golden-log.ts'

/** What a version of a read model is: its SQL, and a digest of its rows after the golden log. */
const Golden = t.readonly(t.strict({ sql: t.readonlyArray(t.string), events: t.number, digest: t.string }))
export type Golden = t.TypeOf<typeof Golden>

const folder = join(import.meta.dirname, 'golden')

export const readModels: readonly Projection<unknown>[] = setNames.flatMap(projectionsOf)
export const fileOf = ({ name, version }: Projection<unknown>): string => `${name}.v${version}.json`
export const goldenFiles = (): readonly string[] => readdirSync(folder).toSorted()

/** Null where there is none. */
export const readGolden = (model: Projection<unknown>): Golden | null => {
  if (!goldenFiles().includes(fileOf(model))) return null
  const golden = Golden.decode(JSON.parse(readFileSync(join(folder, fileOf(model)), 'utf8')))
  if (golden._tag === 'Left') throw new Error(`${fileOf(model)} is no golden file`)
  return golden.right
}

/** The SQL that made a read model's tables and indexes, on one line each. */
const sqlOf = (db: Database, name: string): readonly string[] =>
  tablesOf(db, name).flatMap((table) =>
    db
      .prepare<[string], string>('SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY name')
      .pluck()
      .all(table)
      .map((sql) => sql.replaceAll(/--.*/g, '').replaceAll(/\s+/g, ' ')),
  )

/** What the present code does, over the first events of the golden log. */
export const makeGolden = (model: Projection<unknown>, events = Infinity): Golden =>
  withProjections([model], (db) => {
    const log = goldenLog().slice(0, events)
    projectionRunner(db, [model]).apply(log)
    return { sql: sqlOf(db, model.name), events: log.length, digest: digestOf(db, model.name) }
  })

/** What to do about a golden file that the present code does not make. */
export const remedyOf = ({ name, version }: Projection<unknown>): string =>
  `where test/projections/golden/${name}.v${version}.json was committed before, give ${name} version ${version + 1}; ` +
  'where it is new, delete it; then run "npx node test/projections/make-golden.ts"'

/** Writes the golden of a new version, and removes those of the versions before: no code can make them again. */
export const writeGolden = (model: Projection<unknown>): void => {
  for (const file of goldenFiles()) if (file.startsWith(`${model.name}.v`)) rmSync(join(folder, file))
  writeFileSync(join(folder, fileOf(model)), `${JSON.stringify(makeGolden(model), null, 2)}\n`)
}
