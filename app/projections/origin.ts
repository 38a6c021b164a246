import type { Database } from 'better-sqlite3'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'

/** The first event of a log and its place: a copy of the log has the event elsewhere. Empty for an empty log. */
const originOf = async (store: EventStore): Promise<string> => {
  const [event] = readable(await store.readLog(start, 1)())
  return event === undefined ? '' : `${event.position} ${event.hash}`
}

/**
 * Whether a file of read models was made from this log: its positions mean nothing in another. A file that does not say
 * belongs to the log that it is first used with.
 * @throws Error where the log cannot be read.
 */
export const isMadeFrom = async (store: EventStore, db: Database, checkpoint: Position): Promise<boolean> => {
  const origin = await originOf(store)
  db.exec('CREATE TABLE IF NOT EXISTS origin (log TEXT NOT NULL) STRICT')
  const noted = db.prepare<[], string>('SELECT log FROM origin').pluck().get()
  if (noted !== undefined) return noted === origin
  if (origin === '') return checkpoint === start
  db.prepare('INSERT INTO origin VALUES (?)').run(origin)
  return true
}
