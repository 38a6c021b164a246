import type { Database } from 'better-sqlite3'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { positionOf } from '../../../domain/event-log/envelope.ts'
import type { Appended, AppendFailure, ExpectedVersion, SealedEvent } from '../../../domain/event-log/event-store.ts'
import { sealedTo } from '../../../domain/event-log/log-seal.ts'
import { assertChained } from '../../../domain/event-log/seal-events.ts'
import { sealStream, type StreamName } from '../../../domain/ids.ts'

interface Head {
  readonly version: number
  readonly hash: Buffer
}
interface Stored {
  readonly position: number
  readonly hash: Buffer
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/**
 * Appends inside a transaction of the caller. Positions continue from the head of the log, so it has no gaps, also with
 * several processes: see docs/adr/0007-sqlite-log-and-durability.md. Plain loops, since every command passes here.
 */
export const appender = (db: Database) => {
  const findStream = db.prepare<[StreamName], number>('SELECT key FROM streams WHERE name = ?').pluck()
  const addStream = db.prepare<[StreamName]>('INSERT INTO streams (name) VALUES (?)')
  // events_by_stream
  const findHead = db.prepare<[number], Head>(
    'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
  )
  const findEvent = db.prepare<[number, number], Stored>(
    'SELECT position, hash FROM events WHERE stream = ? AND version = ?',
  )
  const findSeal = db.prepare<[number], string>('SELECT data FROM events WHERE stream = ? LIMIT 1').pluck()
  const findHeadPosition = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck()
  const addEvent = db.prepare(
    `INSERT INTO events (position, stream, version, id, type, envelope, data, personal_digest, previous_hash, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const addPersonal = db.prepare('INSERT INTO personal (position, body, salt) VALUES (?, ?, ?)')

  /** The first result of the same append, where all its events are stored at their versions; otherwise null. */
  const repeated = (key: number, events: readonly SealedEvent[]): Appended | null => {
    let position = 0
    for (const event of events) {
      const stored = findEvent.get(key, event.version)
      if (stored === undefined || !stored.hash.equals(bytes(event.hash))) return null
      position = stored.position
    }
    const version = events.at(-1)?.version
    return version === undefined ? null : { version, position: positionOf(position) }
  }

  /** Read in the transaction of each append: another process may have sealed the log. */
  const goesOnAt = (): string | null => {
    const key = findStream.get(sealStream)
    const data = key === undefined ? undefined : findSeal.get(key)
    return data === undefined ? null : sealedTo({ data })
  }

  const insert = (key: number, events: readonly SealedEvent[]): Appended => {
    let position = findHeadPosition.get() ?? 0
    let version = 0
    for (const event of events) {
      position++
      version = event.version
      addEvent.run(
        position,
        key,
        version,
        bytes(event.id.replaceAll('-', '')),
        event.type,
        event.envelope,
        event.data,
        bytes(event.personalDigest),
        bytes(event.previousHash),
        bytes(event.hash),
      )
      addPersonal.run(position, event.personal, bytes(event.salt))
    }
    return { version, position: positionOf(position) }
  }

  return (
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Either<AppendFailure, Appended> => {
    const key = findStream.get(stream)
    const head = key === undefined ? undefined : findHead.get(key)
    const actual = head?.version ?? 0
    if (actual !== expected) {
      const before = key === undefined ? null : repeated(key, events)
      return before === null ? left({ tag: 'WrongExpectedVersion', stream, actual }) : right(before)
    }
    const to = goesOnAt()
    if (to !== null) return left({ tag: 'LogSealed', to })
    assertChained(stream, { version: expected, hash: head?.hash.toString('hex') ?? '' }, events)
    return right(insert(key ?? Number(addStream.run(stream).lastInsertRowid), events))
  }
}
