import type { Database } from 'better-sqlite3'
import type { StoredEvent, StreamRange } from '../../../domain/event-store.ts'
import type { Position } from '../../../domain/events/envelope.ts'

type Row = readonly [
  position: number,
  version: number,
  id: Buffer,
  type: string,
  envelope: string,
  data: string,
  personal: string | null,
  salt: Buffer | null,
  personalDigest: Buffer,
  previousHash: Buffer,
  hash: Buffer,
]

/** The same with the stream's name behind it. */
type NamedRow = readonly [...Row, stream: string]

const columns = `e.position, e.version, e.id, e.type, e.envelope, e.data, p.body, p.salt, e.personal_digest,
  e.previous_hash, e.hash`

const personal = 'LEFT JOIN personal p ON p.position = e.position'

const uuid = (id: Buffer): string => {
  const hex = id.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const storedEvent = (stream: string, row: Row | NamedRow): StoredEvent => ({
  position: String(row[0]),
  stream,
  version: row[1],
  id: uuid(row[2]),
  type: row[3],
  envelope: row[4],
  data: row[5],
  personal: row[6],
  salt: row[7] === null ? null : row[7].toString('hex'),
  personalDigest: row[8].toString('hex'),
  previousHash: row[9].toString('hex'),
  hash: row[10].toString('hex'),
})

/** No limit, as SQLite says it. */
const all = -1

/** Reads pages as arrays: no iterator stays open over an event-loop turn, and no row object is made twice. */
export const reader = (db: Database) => {
  // Most new streams are asked for before they exist: that answer costs one look at an index.
  const findStream = db.prepare<[string], number>('SELECT key FROM streams WHERE name = ?').pluck()
  // events_by_stream, both ways
  const forwards = db
    .prepare<[number, number, number], Row>(
      `SELECT ${columns} FROM events e ${personal} WHERE e.stream = ? AND e.version >= ? ORDER BY e.version LIMIT ?`,
    )
    .raw()
  const backwards = db
    .prepare<[number, number, number], Row>(
      `SELECT ${columns} FROM events e ${personal} WHERE e.stream = ? AND e.version <= ? ORDER BY e.version DESC LIMIT ?`,
    )
    .raw()
  // the primary key
  const after = db
    .prepare<[number, number], NamedRow>(
      `SELECT ${columns}, s.name FROM events e JOIN streams s ON s.key = e.stream ${personal}
       WHERE e.position > ? ORDER BY e.position LIMIT ?`,
    )
    .raw()
  const last = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck()
  return {
    stream: (name: string, { direction = 'forwards', from, limit = all }: StreamRange): StoredEvent[] => {
      const key = findStream.get(name)
      if (key === undefined) return []
      const rows =
        direction === 'forwards'
          ? forwards.all(key, from ?? 1, limit)
          : backwards.all(key, from ?? Number.MAX_SAFE_INTEGER, limit)
      return rows.map((row) => storedEvent(name, row))
    },
    log: (position: Position, limit: number): StoredEvent[] =>
      after.all(Number(position), limit).map((row) => storedEvent(row[11], row)),
    head: (): Position => String(last.get() ?? 0),
  }
}
