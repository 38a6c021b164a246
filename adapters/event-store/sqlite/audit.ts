import type { Database } from 'better-sqlite3'
import { positionOf } from '../../../domain/event-log/envelope.ts'
import type { EventId, StreamName } from '../../../domain/ids.ts'
import type { AuditedEvent, AuditedLog, Leftover } from '../../../domain/proof/audit.ts'
import { readPage } from './read-page.ts'

type Row = readonly [
  position: number,
  isTyped: number,
  stream: StreamName | null,
  version: number,
  type: string,
  envelope: Buffer | null,
  data: Buffer | null,
  personal: Buffer | null,
  id: string,
  digest: string,
  previousHash: string,
  hash: string,
  salt: string | null,
]

const typed = [
  ['e.position', 'integer'],
  ['e.stream', 'integer'],
  ['s.name', 'text'],
  ['e.version', 'integer'],
  ['e.id', 'blob'],
  ['e.type', 'text'],
  ['e.envelope', 'text'],
  ['e.data', 'text'],
  ['e.personal_digest', 'blob'],
  ['e.previous_hash', 'blob'],
  ['e.hash', 'blob'],
  ['p.body', 'text'],
  ['p.salt', 'blob'],
] as const
/** 1 where each column has the right storage class: comparing in SQL costs half of returning the classes. */
const isTyped = typed.map(([column, type]) => `typeof(${column}) = '${type}'`).join(' AND ')

const pageSize = 1_000
// Invalid UTF-8 must not decode to the same text as other bytes: no replacement characters, no skipped BOM.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const text = (bytes: Buffer | null): string | null => {
  try {
    return bytes === null ? null : strict.decode(bytes)
  } catch {
    return null
  }
}

const uuid = (hex: string): EventId => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, '$1-$2-$3-$4-$5') as EventId

const audited = (row: Row, expected: number): AuditedEvent => {
  const [position, hasTypes, stream, version, type, envelope, data, personal, id, digest, previousHash, hash, salt] =
    row
  const [envelopeText, dataText, personalText] = [text(envelope), text(data), text(personal)]
  const flaw =
    position !== expected
      ? `position ${expected} is missing`
      : hasTypes !== 1
        ? 'a column is missing or holds another type of value'
        : envelopeText === null || dataText === null || personalText === null
          ? 'a text is no UTF-8'
          : null
  return {
    flaw,
    expectedPosition: positionOf(expected),
    stored: {
      position: positionOf(position),
      stream: stream ?? ('' as StreamName),
      version,
      id: uuid(id.toLowerCase()),
      type,
      envelope: envelopeText ?? '',
      data: dataText ?? '',
      personal: personalText,
      salt: salt?.toLowerCase() ?? null,
      personalDigest: digest.toLowerCase(),
      previousHash: previousHash.toLowerCase(),
      hash: hash.toLowerCase(),
    },
  }
}

/**
 * Reads the tables without trusting them: each column separately, with its storage class. The reader of the store assumes
 * that each value has its length and type.
 */
export const auditSqliteLog = (db: Database): AuditedLog => {
  // the primary keys
  const after = db
    .prepare<[number, number], Row>(
      `SELECT e.position, ${isTyped}, s.name, e.version, e.type,
         CAST(e.envelope AS BLOB), CAST(e.data AS BLOB), CAST(p.body AS BLOB),
         hex(e.id), hex(e.personal_digest), hex(e.previous_hash), hex(e.hash), hex(p.salt)
       FROM events e LEFT JOIN streams s ON s.key = e.stream LEFT JOIN personal p ON p.position = e.position
       WHERE e.position > ? ORDER BY e.position LIMIT ?`,
    )
    .raw()
  const strayPersonal = db
    .prepare<[], number>(
      'SELECT p.position FROM personal p LEFT JOIN events e ON e.position = p.position WHERE e.position IS NULL LIMIT 1',
    )
    .pluck()
  // events_by_stream
  const strayStream = db
    .prepare<[], number>(
      'SELECT s.key FROM streams s WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = s.key) LIMIT 1',
    )
    .pluck()

  function* pages(): Generator<readonly AuditedEvent[]> {
    let expected = 1
    // Includes rows with a position below 1.
    for (let at = Number.MIN_SAFE_INTEGER; Number.isSafeInteger(at);) {
      const rows = readPage((limit) => after.all(at, limit), pageSize)
      if (rows.length === 0) return
      yield rows.map((row) => audited(row, expected++))
      at = rows.at(-1)?.[0] ?? Number.NaN
    }
  }

  const findLeftover = (): Leftover | null => {
    const position = strayPersonal.get()
    if (position !== undefined) return { position: positionOf(position), reason: 'personal data without an event' }
    if (strayStream.get() !== undefined) return { position: null, reason: 'a stream without events' }
    const found = String(db.pragma('integrity_check(1)', { simple: true }))
    return found === 'ok' ? null : { position: null, reason: `the file is damaged: ${found}` }
  }

  return { pages, findLeftover }
}
