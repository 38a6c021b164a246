import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { comparePositions } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { isOfLog } from './file-anchor.ts'
import { projectionRunner } from './projection-runner.ts'
import { checkpointsIn } from './runner-tables.ts'
import { applyOrPark, NotRebuilt, withDrafts, type Built, type Part, type RebuildPorts } from './rebuild.ts'

interface Table {
  readonly name: string
  readonly isVirtual: number
}

const bits = 1n << 128n

/** A hash of rows that does not depend on their order: the sum of their hashes. */
const sumOf = (rows: Iterable<unknown>): { readonly count: number; readonly sum: bigint } => {
  let [count, sum] = [0, 0n]
  for (const row of rows) {
    const hash = createHash('sha256').update(JSON.stringify(row)).digest()
    sum = (sum + hash.readBigUInt64BE(0) * (1n << 64n) + hash.readBigUInt64BE(8)) % bits
    count++
  }
  return { count, sum }
}

/** Every row of a table; of a full-text index every document of every word. */
const rowsOf = (db: Database, { name, isVirtual }: Table): Iterable<unknown> => {
  if (isVirtual === 0) return db.prepare(`SELECT * FROM "${name}"`).raw().iterate()
  db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS temp."words_of_${name}" USING fts5vocab('main', '${name}', 'instance')`)
  return db.prepare(`SELECT * FROM temp."words_of_${name}"`).raw().iterate()
}

/**
 * A digest of all rows of a projection, 32 hex digits, whatever their order. Equal digests mean equal rows. Reads every
 * row, a few microseconds each.
 */
export const digestOf = (db: Database, projection: string): string => {
  const tables = db
    .prepare<[string], Table>(
      `SELECT m.name, l.type = 'virtual' AS isVirtual FROM made m JOIN pragma_table_list l ON l.name = m.name
       WHERE m.projection = ? AND l.schema = 'main' ORDER BY m.name`,
    )
    .all(projection)
  const hash = createHash('sha256')
  for (const table of tables) {
    const { count, sum } = sumOf(rowsOf(db, table))
    hash.update(`${table.name}\n${count}\n${sum}\n`)
  }
  return hash.digest('hex').slice(0, 32)
}

export interface Compared {
  readonly name: string
  readonly live: string
  readonly rebuilt: string
  readonly same: boolean
}

/** Brings a draft to the position of its live file, and compares the two. */
const compareOne = async (store: EventStore, { db: draft, live: file, rebuilt }: Built) => {
  if (!existsSync(file)) throw new NotRebuilt('there are no read models to compare with yet; a server makes them')
  const live = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    if (!(await isOfLog(store, live))) {
      throw new NotRebuilt('the live read models are of another log; start a server, which makes them anew')
    }
    // One snapshot for positions and rows.
    live.exec('BEGIN')
    const positions = new Map(checkpointsIn(live).map(({ projection, position }) => [projection, position]))
    const compared: Compared[] = []
    for (const projection of rebuilt) {
      const { name } = projection
      const to = positions.get(name)
      const runner = projectionRunner(draft, [projection])
      if (to === undefined || comparePositions(to, runner.checkpoint()) < 0) {
        throw new NotRebuilt(`${name} has not caught up with the log; start a server, or wait`)
      }
      await applyOrPark(store, runner, to)
      const digests = { live: digestOf(live, name), rebuilt: digestOf(draft, name) }
      compared.push({ name, ...digests, same: digests.live === digests.rebuilt })
    }
    return compared
  } finally {
    live.close()
  }
}

/**
 * Rebuilds read models and compares them with the live ones at one moment, whatever is written meanwhile. Publishes
 * nothing.
 * @throws NotRebuilt as `withDrafts`, and where the live ones are missing or behind the log.
 */
export const compare = (ports: RebuildPorts, parts: readonly Part[]): Promise<readonly Compared[]> =>
  withDrafts(ports, parts, async (built) => {
    const answer: Compared[] = []
    for (const each of built) answer.push(...(await compareOne(ports.store, each)))
    return { publish: false, answer }
  })
