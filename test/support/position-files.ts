import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import * as assert from 'uvu/assert'
import { readLogId } from '../../adapters/event-store/anchors.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { right } from './command-ports.ts'

/**
 * Every kind of file of a data folder. One that holds positions says how its last anchor is read
 * (docs/adr/0033-log-identity.md): a file that is not here, or holds positions and no anchor, fails the tests.
 */
const kinds: readonly { readonly name: RegExp; readonly anchor: string | null }[] = [
  { name: /^log\.db$/, anchor: null },
  { name: /^(read-models|reports)(-\d+)?\.db$/, anchor: 'SELECT log, position, hash FROM applied' },
  { name: /^proofs(-\d+-[\da-f]{8})?\.db$/, anchor: 'SELECT log, position, hash FROM tree' },
  {
    name: /^mail(-cluster)?\.db$/,
    anchor: 'SELECT a.log, p.position, a.hash FROM place p, anchors a ORDER BY a.nth DESC LIMIT 1',
  },
  { name: /^generations\.db$/, anchor: null },
  // Compared at each start by the id of the record at its position.
  { name: /^cluster-searched\.json$/, anchor: null },
  { name: /^mail\.lock$/, anchor: null },
  { name: /^(files|tree-key|keys\.json)$/, anchor: null },
]

const isSidecar = (name: string): boolean => /-(wal|shm|journal)$/.test(name)

const kindOf = (name: string): (typeof kinds)[number] => {
  const kind = kinds.find((each) => each.name.test(name))
  if (kind === undefined) throw new Error(`${name} is no file that test/support/position-files.ts knows`)
  return kind
}

/** The tables of a file with a column for a position that no anchor beside it would explain. */
const positionColumns = (db: Database): readonly string[] =>
  db
    .prepare<[], string>(
      `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND (c.name LIKE '%position%' OR c.name IN ('after', 'checkpoint', 'up_to', 'upto'))`,
    )
    .pluck()
    .all()

interface FileAnchor {
  readonly log: string
  readonly position: Position
  readonly hash: string
}

const anchorIn = (file: string, sql: string): FileAnchor | undefined => {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return db.prepare<[], FileAnchor>(sql).get()
  } finally {
    db.close()
  }
}

/** The files of a folder that must be anchored; fails for one that is not in the table, or has positions and no anchor. */
export const anchoredFiles = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    if (isSidecar(name)) return []
    const { anchor } = kindOf(name)
    if (anchor !== null) return [name]
    if (!name.endsWith('.db') || name === 'log.db') return []
    const db = new Sqlite(join(folder, name), { readonly: true, timeout: 10_000 })
    assert.equal(positionColumns(db), [], `${name} holds positions without an anchor`)
    db.close()
    return []
  })

/** Why a file is not anchored in the log; null where it is. */
const flawOf = async (folder: string, name: string, store: EventStore): Promise<string | null> => {
  const { anchor: sql } = kindOf(name)
  const anchor = sql === null ? undefined : anchorIn(join(folder, name), sql)
  if (anchor === undefined) return `${name} names no event`
  const event = right(await store.eventAt(anchor.position)())
  if (anchor.log !== (await readLogId(store))) return `${name} names the log "${anchor.log}"`
  return event?.hash === anchor.hash ? null : `${name} names another event at ${anchor.position}`
}

/** The files of a folder that are not anchored in the log, each with the reason. `except` names those of other logs. */
export const unanchored = async (
  folder: string,
  store: EventStore,
  except: RegExp = /^proofs-\d/,
): Promise<readonly string[]> => {
  const flaws: string[] = []
  for (const name of anchoredFiles(folder)) {
    const flaw = except.test(name) ? null : await flawOf(folder, name, store)
    if (flaw !== null) flaws.push(flaw)
  }
  return flaws
}
