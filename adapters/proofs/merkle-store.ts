import { chmodSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Anchor } from '../../domain/event-log/anchor.ts'
import { emptyFrontier, type Frontier } from '../../domain/proof/merkle.ts'
import { openDurable, synced } from '../own-files.ts'

/** The state of the tree: its frontier, and the event that is its last leaf; null for an empty tree. */
export interface Grown {
  readonly frontier: Frontier
  readonly anchor: Anchor | null
}

interface State extends Anchor {
  readonly size: number
  readonly roots: string
}

const tables = `
  -- n: the event's index in log order, from 0
  CREATE TABLE IF NOT EXISTS leaves (n INTEGER PRIMARY KEY, hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;
  CREATE TABLE IF NOT EXISTS heads (size INTEGER PRIMARY KEY, at TEXT NOT NULL, checkpoint TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS tree (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, position TEXT NOT NULL, roots TEXT NOT NULL
  ) STRICT;
`

/** The anchor of the last leaf; empty in a file of an earlier build, which has its position alone. */
const anchorColumns = {
  log: "TEXT NOT NULL DEFAULT ''",
  stream: "TEXT NOT NULL DEFAULT ''",
  version: 'INTEGER NOT NULL DEFAULT 0',
  hash: "TEXT NOT NULL DEFAULT ''",
}

const prepare = (db: Database): void => {
  db.exec(tables)
  const found = db.prepare<[], string>("SELECT name FROM pragma_table_info('tree')").pluck().all()
  for (const [name, type] of Object.entries(anchorColumns)) {
    if (!found.includes(name)) db.exec(`ALTER TABLE tree ADD COLUMN ${name} ${type}`)
  }
}

const fileName = 'proofs.db'
const pageSize = 10_000

/**
 * The Merkle store, `proofs.db`: event hashes as they were first read, and the heads that were signed. It is evidence and
 * no read model: it cannot be rebuilt from the log. Several processes may open it.
 * @throws Error where the file cannot be opened or is damaged.
 */
export const openMerkleStore = (folder: string) => {
  const db = openDurable(folder, fileName, (opened) => opened.transaction(prepare).immediate(opened))
  const state = db.prepare<[], State>('SELECT size, roots, log, position, stream, version, hash FROM tree')
  const setState = db.prepare(
    `INSERT INTO tree (one, size, roots, log, position, stream, version, hash) VALUES (1, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size = excluded.size, roots = excluded.roots, log = excluded.log,
       position = excluded.position, stream = excluded.stream, version = excluded.version, hash = excluded.hash`,
  )
  const addLeaf = db.prepare('INSERT INTO leaves (n, hash) VALUES (?, ?)')
  // the primary keys
  const page = db
    .prepare<[number, number], string>('SELECT lower(hex(hash)) FROM leaves WHERE n >= ? AND n < ? ORDER BY n')
    .pluck()
  const lastLeaf = db.prepare<[], string>('SELECT lower(hex(hash)) FROM leaves ORDER BY n DESC LIMIT 1').pluck()
  const addHead = db.prepare('INSERT INTO heads (size, at, checkpoint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const heads = db.prepare<[], string>('SELECT checkpoint FROM heads ORDER BY size').pluck()
  const headAt = db.prepare<[number], string>('SELECT checkpoint FROM heads WHERE size = ?').pluck()

  const grown = (): Grown => {
    const found = state.get()
    if (found === undefined) return { frontier: emptyFrontier, anchor: null }
    const { size, roots, ...anchor } = found
    return { frontier: { size, roots: roots === '' ? [] : roots.split(' ') }, anchor }
  }

  const setGrown = ({ frontier: { size, roots }, anchor }: Grown): void => {
    if (anchor === null) return
    const { log, position, stream, version, hash } = anchor
    setState.run(size, roots.join(' '), log, position, stream, version, hash)
  }

  /** Appends leaves. Writes nothing where another process has appended since `from` was read. */
  const grow = db.transaction((from: number, hashes: readonly string[], to: Grown): void => {
    if ((state.get()?.size ?? 0) !== from) return
    for (const [at, hash] of hashes.entries()) addLeaf.run(from + at, Buffer.from(hash, 'hex'))
    setGrown(to)
  })

  const clear = db.transaction((): void => {
    db.exec('DELETE FROM leaves; DELETE FROM heads; DELETE FROM tree')
  })

  function* leaves(size: number): Generator<string> {
    for (let at = 0; at < size; at += pageSize) yield* page.all(at, Math.min(at + pageSize, size))
  }

  return {
    grown,
    grow: (from: number, hashes: readonly string[], to: Grown) => grow.immediate(from, hashes, to),
    /** The same leaves, of which the last is now at this anchor. Writes nothing where another process has appended since. */
    relocate: (from: number, to: Grown) => grow.immediate(from, [], to),
    /**
     * Copies everything into a file of this name beside this one, which is empty then. Killed in between, it does the same
     * again.
     */
    setAside: (name: string): void => {
      const [draft, file] = [join(folder, `${name}.draft`), join(folder, name)]
      rmSync(draft, { force: true })
      db.prepare('VACUUM INTO ?').run(draft)
      chmodSync(draft, 0o600)
      synced(draft)
      renameSync(draft, file)
      synced(folder)
      clear.immediate()
    },
    /** The first `size` event hashes in order. */
    leaves,
    /** Stores a checkpoint; of two for one size the first is kept. */
    keep: (size: number, at: string, checkpoint: string): void => void addHead.run(size, at, checkpoint),
    checkpoints: (): readonly string[] => heads.all(),
    /** The hash of the last event; undefined for an empty tree. */
    lastLeaf: (): string | undefined => lastLeaf.get(),
    checkpointAt: (size: number): string | undefined => headAt.get(size),
    close: (): void => void db.close(),
  }
}
export type MerkleStore = ReturnType<typeof openMerkleStore>
