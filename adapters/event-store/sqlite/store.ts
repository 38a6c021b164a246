import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Position } from '../../../domain/event-log/envelope.ts'
import { UnreadableLog, type EventStore, type StoreFailure } from '../../../domain/event-log/event-store.ts'
import { messageOf } from '../../errors.ts'
import { stoppables } from '../stoppables.ts'
import { appender } from './append.ts'
import { changeSignal, subscribe } from './subscription.ts'
import { groupCommit } from './group-commit.ts'
import { openLog } from './open.ts'
import { reader } from './read.ts'
import { readPage } from './read-page.ts'

const unreadable = (what: string, error: unknown): StoreFailure => ({
  tag: 'StoreUnavailable',
  reason: `${what} of log.db cannot be read (${messageOf(error)}); run ledgerdesk verify, and restore what is damaged from a backup`,
})

/** Reads once more after an error: one that passes by itself is nobody's concern. */
const readTwice = <A>(get: () => A): A => {
  try {
    return get()
  } catch {
    return get()
  }
}

export interface SqliteEventStore extends EventStore {
  /** Whether an append would be stored now, by a write that changes nothing. False for good after a failed commit. */
  readonly takesWrites: () => boolean
}

/**
 * The event store in a data folder, on SQLite (docs/adr/0007-sqlite-log-and-durability.md). Several processes may open the
 * same folder.
 * @throws Error of one line where the folder cannot be opened safely.
 */
export const openSqliteEventStore = (
  { folder }: { readonly folder: string },
  lockWaitMs?: number,
): SqliteEventStore => {
  const db = openLog(folder, lockWaitMs)
  const read = reader(db)
  const append = appender(db)
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  let seenVersion = dataVersion.get()
  const signal = changeSignal(() => {
    if (closed) return false
    try {
      const version = dataVersion.get()
      const changed = version !== seenVersion
      seenVersion = version
      return changed
    } catch {
      // The subscriptions read, and report what is wrong where it lasts.
      return true
    }
  })
  const commits = groupCommit(db, signal.raise)
  const running = stoppables()
  let closed = false

  const reading =
    <A>(what: string, get: () => A): TaskEither<StoreFailure, A> =>
    () =>
      new Promise((resolve) => {
        if (closed) return resolve(left({ tag: 'StoreClosed' }))
        try {
          resolve(right(readTwice(get)))
        } catch (error) {
          resolve(left(unreadable(what, error)))
        }
      })
  const firstAfter = (position: Position): string => `the event after position ${position}`
  const logPage = (position: Position, limit: number, want: 'whole' | 'unhashed' = 'whole') =>
    readPage((size) => (want === 'unhashed' ? read.unhashed : read.log)(position, size), limit)

  return {
    append: (stream, expected, events) => async () => {
      if (events.length === 0) throw new Error('an append needs at least one event')
      return closed ? left({ tag: 'StoreClosed' }) : commits.add(() => append(stream, expected, events))
    },
    takesWrites: () => !closed && commits.probe(),
    readStream: (stream, range = {}) => reading('a stream', () => read.stream(stream, range)),
    readLog: (after, limit, want) => reading(firstAfter(after), () => logPage(after, limit, want)),
    eventAt: (position) => reading(`the event at position ${position}`, () => read.at(position)),
    head: () => reading('the last event', read.head),
    subscribe: (after, { batchSize }, onBatch, onError) => {
      const readBatch = (position: Position) => {
        try {
          return closed ? [] : logPage(position, batchSize)
        } catch (error) {
          // Typed, so that a subscriber can tell it from an error of its own database.
          throw new UnreadableLog(unreadable(firstAfter(position), error))
        }
      }
      return running.add(subscribe(readBatch, signal, after, onBatch, onError))
    },
    close: async () => {
      if (closed) return
      commits.flush()
      closed = true
      await running.stopAll()
      signal.close()
      db.close()
    },
  }
}
