import type { Database } from 'better-sqlite3'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Appended, AppendFailure, ExpectedVersion, SealedEvent } from '../../../domain/event-log/event-store.ts'

interface Head {
  readonly version: number
  readonly hash: Buffer
}
interface Place {
  readonly position: number
  readonly hash: Buffer
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** Appends inside a transaction that the caller holds; positions go on from the head, so that the log has no gaps. */
export const appender = (db: Database) => {
  const findStream = db.prepare<[string], number>('SELECT key FROM streams WHERE name = ?').pluck()
  const addStream = db.prepare<[string]>('INSERT INTO streams (name) VALUES (?)')
  // events_by_stream
  const findHead = db.prepare<[number], Head>(
    'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
  )
  const findPlace = db.prepare<[number, number], Place>(
    'SELECT position, hash FROM events WHERE stream = ? AND version = ?',
  )
  const findHeadPosition = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck()
  const addEvent = db.prepare(
    `INSERT INTO events (position, stream, version, id, type, envelope, data, personal_digest, previous_hash, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const addPersonal = db.prepare('INSERT INTO personal (position, body, salt) VALUES (?, ?, ?)')

  /** The same events at the same place were appended before: the answer is the first one. */
  const repeated = (key: number, events: readonly SealedEvent[]): Appended | null => {
    let position = 0
    for (const event of events) {
      const place = findPlace.get(key, event.version)
      if (place === undefined || !place.hash.equals(bytes(event.hash))) return null
      position = place.position
    }
    const version = events.at(-1)?.version
    return version === undefined ? null : { version, position: String(position) }
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
    return { version, position: String(position) }
  }

  return (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Either<AppendFailure, Appended> => {
    const known = findStream.get(stream)
    const head = known === undefined ? undefined : findHead.get(known)
    const actual = head?.version ?? 0
    if (actual !== expected) {
      const before = known === undefined ? null : repeated(known, events)
      return before === null ? left({ tag: 'WrongExpectedVersion', stream, actual }) : right(before)
    }
    assertChained(stream, expected, head?.hash.toString('hex') ?? '', events)
    return right(insert(known ?? Number(addStream.run(stream).lastInsertRowid), events))
  }
}

/** Whoever loaded the stream sealed these events to its head: anything else is a bug, not a conflict. */
const assertChained = (stream: string, expected: number, hash: string, events: readonly SealedEvent[]): void => {
  let [version, previousHash] = [expected, hash]
  for (const event of events) {
    version++
    if (event.stream !== stream || event.version !== version || event.previousHash !== previousHash) {
      throw new Error(`event ${event.id} is not chained to ${stream} at version ${version - 1}`)
    }
    previousHash = event.hash
  }
}
