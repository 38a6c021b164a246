import type { Database } from 'better-sqlite3'
import type { StoredEvent, StreamRange } from '../../../domain/event-log/event-store.ts'
import { positionOf, type Position } from '../../../domain/event-log/envelope.ts'
import type { EventId, StreamName } from '../../../domain/ids.ts'

type Row = readonly [
  position: number,
  version: number,
  type: string,
  envelope: string,
  data: string,
  personal: string | null,
  hex: string,
]

/** With the stream's name as the last column. */
type NamedRow = readonly [...Row, stream: StreamName]

// All binary columns as one text of hex digits: a Buffer for each would cost more than the rest of the row.
const columns = `e.position, e.version, e.type, e.envelope, e.data, p.body,
  lower(hex(e.id || e.personal_digest || e.hash || coalesce(p.salt, x'00000000000000000000000000000000') || e.previous_hash))`

const personal = 'LEFT JOIN personal p ON p.position = e.position'

/** Offsets of the columns in the hex digits. */
const [digestAt, hashAt, saltAt, previousAt] = [32, 96, 160, 192]

const uuid = (hex: string): EventId =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as EventId

const storedEvent = (stream: StreamName, row: Row | NamedRow): StoredEvent => ({
  position: positionOf(row[0]),
  stream,
  version: row[1],
  id: uuid(row[6]),
  type: row[2],
  envelope: row[3],
  data: row[4],
  personal: row[5],
  salt: row[5] === null ? null : row[6].slice(saltAt, previousAt),
  personalDigest: row[6].slice(digestAt, hashAt),
  previousHash: row[6].slice(previousAt),
  hash: row[6].slice(hashAt, saltAt),
})

/** Without salt, digest and hashes, which are half the cost of a row. */
const unhashedOf = (row: NamedRow): StoredEvent => ({
  position: positionOf(row[0]),
  stream: row[7],
  version: row[1],
  id: uuid(row[6]),
  type: row[2],
  envelope: row[3],
  data: row[4],
  personal: row[5],
  salt: null,
  personalDigest: '',
  previousHash: '',
  hash: '',
})

/** SQLite's value for no limit. */
const unlimited = -1

/** Reads pages as arrays: an open iterator would block writes, and rows as arrays spare an object for each. */
export const reader = (db: Database) => {
  // A new stream is read before its first append: then this lookup in an index is all it costs.
  const findStream = db.prepare<[StreamName], number>('SELECT key FROM streams WHERE name = ?').pluck()
  // events_by_stream, in both directions
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
  const unhashedAfter = db
    .prepare<[number, number], NamedRow>(
      `SELECT e.position, e.version, e.type, e.envelope, e.data, p.body, lower(hex(e.id)), s.name
       FROM events e JOIN streams s ON s.key = e.stream ${personal} WHERE e.position > ? ORDER BY e.position LIMIT ?`,
    )
    .raw()
  const last = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck()
  return {
    stream: (name: StreamName, { direction = 'forwards', from, limit = unlimited }: StreamRange): StoredEvent[] => {
      const key = findStream.get(name)
      if (key === undefined) return []
      const rows =
        direction === 'forwards'
          ? forwards.all(key, from ?? 1, limit)
          : backwards.all(key, from ?? Number.MAX_SAFE_INTEGER, limit)
      return rows.map((row) => storedEvent(name, row))
    },
    log: (position: Position, limit: number): StoredEvent[] =>
      after.all(Number(position), limit).map((row) => storedEvent(row[7], row)),
    unhashed: (position: Position, limit: number): StoredEvent[] =>
      unhashedAfter.all(Number(position), limit).map(unhashedOf),
    at: (position: Position): StoredEvent | null => {
      const [row] = after.all(Number(position) - 1, 1)
      return row !== undefined && positionOf(row[0]) === position ? storedEvent(row[7], row) : null
    },
    head: (): Position => positionOf(last.get() ?? 0),
  }
}
