import type { Database } from 'better-sqlite3'
import { isLeft } from 'fp-ts/lib/Either.js'
import { comparePositions, start, type Position } from '../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../domain/event-log/event-store.ts'

/** The first event of a log and its position: a copy of the log has it elsewhere. Empty for an empty log. */
const originOf = async (store: EventStore): Promise<string> => {
  const [event] = readable(await store.readLog(start, 1)())
  return event === undefined ? '' : `${event.position} ${event.hash}`
}

/**
 * Whether a file was made from this log: its positions mean nothing in another. A file that does not record its origin
 * belongs to the log that it is first used with.
 * @throws Error where the log cannot be read.
 */
export const isMadeFrom = async (store: EventStore, db: Database, checkpoint: Position): Promise<boolean> => {
  const origin = await originOf(store)
  db.exec('CREATE TABLE IF NOT EXISTS origin (log TEXT NOT NULL) STRICT')
  const recorded = db.prepare<[], string>('SELECT log FROM origin').pluck().get()
  if (recorded !== undefined) return recorded === origin
  if (origin === '') return checkpoint === start
  db.prepare('INSERT INTO origin VALUES (?)').run(origin)
  return true
}

/** An event that a file was made from. */
export type AppliedEvent = Pick<StoredEvent, 'position' | 'stream' | 'version' | 'id'>

/**
 * Whether the log holds the last event that was applied to a file, at its position: an older copy of the log does not,
 * nor one that was continued differently. Where the file does not name that event, its checkpoint must not be beyond the
 * log's head. A stream that cannot be read now counts as unchanged.
 * @throws UnreadableLog where the head cannot be read.
 */
export const isStillInLog = async (
  store: EventStore,
  last: AppliedEvent | undefined,
  checkpoint: Position,
): Promise<boolean> => {
  if (last === undefined) return comparePositions(checkpoint, readable(await store.head()())) <= 0
  const events = await store.readStream(last.stream, { from: last.version, limit: 1 })()
  if (isLeft(events)) return true
  const [event] = events.right
  return event?.id === last.id && event.position === last.position
}
