import type { Database } from 'better-sqlite3'
import type { StoredEvent, StreamRange } from '../../../domain/event-store.ts'
import type { Position } from '../../../domain/events/envelope.ts'

type Row = readonly [
  position: number,
  stream: string,
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

const columns = `e.position, s.name, e.version, e.id, e.type, e.envelope, e.data, p.body, p.salt, e.personal_digest,
  e.previous_hash, e.hash`

const from = 'FROM events e JOIN streams s ON s.key = e.stream LEFT JOIN personal p ON p.position = e.position'

const uuid = (id: Buffer): string => {
  const hex = id.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const storedEvent = (row: Row): StoredEvent => ({
  position: String(row[0]),
  stream: row[1],
  version: row[2],
  id: uuid(row[3]),
  type: row[4],
  envelope: row[5],
  data: row[6],
  personal: row[7],
  salt: row[8] === null ? null : row[8].toString('hex'),
  personalDigest: row[9].toString('hex'),
  previousHash: row[10].toString('hex'),
  hash: row[11].toString('hex'),
})

/** No limit, as SQLite says it. */
const all = -1

/** Reads pages as arrays: no iterator stays open over an event-loop turn, and no row object is made twice. */
export const reader = (db: Database) => {
  // events_by_stream, both ways
  const forwards = db
    .prepare<[string, number, number], Row>(
      `SELECT ${columns} ${from} WHERE e.stream = (SELECT key FROM streams WHERE name = ?) AND e.version >= ?
       ORDER BY e.version LIMIT ?`,
    )
    .raw()
  const backwards = db
    .prepare<[string, number, number], Row>(
      `SELECT ${columns} ${from} WHERE e.stream = (SELECT key FROM streams WHERE name = ?) AND e.version <= ?
       ORDER BY e.version DESC LIMIT ?`,
    )
    .raw()
  // the primary key
  const after = db
    .prepare<[number, number], Row>(`SELECT ${columns} ${from} WHERE e.position > ? ORDER BY e.position LIMIT ?`)
    .raw()
  const last = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck()
  return {
    stream: (name: string, { direction = 'forwards', from: version, limit = all }: StreamRange): StoredEvent[] =>
      (direction === 'forwards'
        ? forwards.all(name, version ?? 1, limit)
        : backwards.all(name, version ?? Number.MAX_SAFE_INTEGER, limit)
      ).map(storedEvent),
    log: (position: Position, limit: number): StoredEvent[] => after.all(Number(position), limit).map(storedEvent),
    head: (): Position => String(last.get() ?? 0),
  }
}
