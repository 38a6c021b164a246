import type { Database } from 'better-sqlite3'
import { readLogId, standingOf } from '../../adapters/event-store/anchors.ts'
import { anchorAt } from '../../domain/event-log/anchor.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { checkpointsIn, lastApplied, nameApplied, type AppliedEvent } from './runner-tables.ts'

/** The event of a file that was filled without hashes, or by an earlier build: known by its id and its position. */
const eventById = async (store: EventStore, applied: AppliedEvent): Promise<StoredEvent | null> => {
  const [event] = readable(await store.readStream(applied.stream, { from: applied.version, limit: 1 })())
  return event?.id === applied.id && event.position === applied.position ? event : null
}

const isComplete = ({ hash, log }: AppliedEvent): boolean => hash !== '' && log !== ''

/**
 * Whether the positions in a file of read models mean something in this log: it has the event that was applied last, at
 * that position. A file that holds no event is of every log. The file is only read. @throws UnreadableLog
 */
export const isOfLog = async (store: EventStore, db: Database): Promise<boolean> => {
  const applied = lastApplied(db)
  if (applied === undefined) return checkpointsIn(db).every(({ position }) => position === start)
  if (isComplete(applied)) return (await standingOf(store, applied)).tag === 'Same'
  return (await eventById(store, applied)) !== null
}

/** Completes the anchor of a file that was filled from this log without hashes. @throws UnreadableLog */
export const completeAnchor = async (store: EventStore, db: Database): Promise<void> => {
  const applied = lastApplied(db)
  if (applied === undefined || isComplete(applied)) return
  const event = await eventById(store, applied)
  if (event !== null) nameApplied(db, anchorAt(await readLogId(store), event))
}
