import type { Database } from 'better-sqlite3'
import { start, type Position } from '../domain/event-log/envelope.ts'
import { readable, type EventStore } from '../domain/event-log/event-store.ts'

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
