import { start, type Position } from '../../domain/event-log/envelope.ts'
import { emptyFrontier, type Frontier } from '../../domain/proof/merkle.ts'
import { openDurable } from '../own-files.ts'

/** The state of the tree: its frontier, and the position of the event that is its last leaf. */
export interface Grown {
  readonly frontier: Frontier
  readonly position: Position
}

interface State {
  readonly size: number
  readonly position: Position
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

const pageSize = 10_000

/**
 * The Merkle store, `proofs.db`: event hashes as they were first read, and the heads that were signed. It is evidence and
 * no read model: it cannot be rebuilt from the log. Several processes may open it.
 * @throws Error where the file cannot be opened or is damaged.
 */
export const openMerkleStore = (folder: string) => {
  const db = openDurable(folder, 'proofs.db', (opened) => opened.exec(tables))
  const state = db.prepare<[], State>('SELECT size, position, roots FROM tree')
  const setState = db.prepare(
    `INSERT INTO tree (one, size, position, roots) VALUES (1, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size = excluded.size, position = excluded.position, roots = excluded.roots`,
  )
  const addLeaf = db.prepare('INSERT INTO leaves (n, hash) VALUES (?, ?)')
  // the primary keys
  const page = db
    .prepare<[number, number], string>('SELECT lower(hex(hash)) FROM leaves WHERE n >= ? AND n < ? ORDER BY n')
    .pluck()
  const addHead = db.prepare('INSERT INTO heads (size, at, checkpoint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const heads = db.prepare<[], string>('SELECT checkpoint FROM heads ORDER BY size').pluck()
  const headAt = db.prepare<[number], string>('SELECT checkpoint FROM heads WHERE size = ?').pluck()

  const grown = (): Grown => {
    const found = state.get()
    if (found === undefined) return { frontier: emptyFrontier, position: start }
    return {
      frontier: { size: found.size, roots: found.roots === '' ? [] : found.roots.split(' ') },
      position: found.position,
    }
  }

  /** Appends leaves. Writes nothing where another process has appended since `from` was read. */
  const grow = db.transaction((from: number, hashes: readonly string[], { frontier, position }: Grown): void => {
    if ((state.get()?.size ?? 0) !== from) return
    for (const [at, hash] of hashes.entries()) addLeaf.run(from + at, Buffer.from(hash, 'hex'))
    setState.run(frontier.size, position, frontier.roots.join(' '))
  })

  function* leaves(size: number): Generator<string> {
    for (let at = 0; at < size; at += pageSize) yield* page.all(at, Math.min(at + pageSize, size))
  }

  return {
    grown,
    grow: (from: number, hashes: readonly string[], to: Grown) => grow.immediate(from, hashes, to),
    /** The first `size` event hashes in order. */
    leaves,
    /** Stores a checkpoint; of two for one size the first is kept. */
    keep: (size: number, at: string, checkpoint: string): void => void addHead.run(size, at, checkpoint),
    checkpoints: (): readonly string[] => heads.all(),
    checkpointAt: (size: number): string | undefined => headAt.get(size),
    close: (): void => void db.close(),
  }
}
export type MerkleStore = ReturnType<typeof openMerkleStore>
