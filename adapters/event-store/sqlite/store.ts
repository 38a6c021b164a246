import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Position } from '../../../domain/event-log/envelope.ts'
import type { EventStore, StoreFailure } from '../../../domain/event-log/event-store.ts'
import { messageOf } from '../../errors.ts'
import { appender } from './append.ts'
import { changeSignal, subscribe } from './subscription.ts'
import { groupCommit } from './group-commit.ts'
import { openLog } from './open.ts'
import { reader } from './read.ts'

/**
 * The event store in a data folder, on SQLite (docs/adr/0007-sqlite-log-and-durability.md). Several processes may open the
 * same folder.
 * @throws Error of one line where the folder cannot be opened safely.
 */
export const openSqliteEventStore = ({ folder }: { readonly folder: string }): EventStore => {
  const db = openLog(folder)
  const read = reader(db)
  const append = appender(db)
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  let seenVersion = dataVersion.get()
  const signal = changeSignal(() => {
    if (closed) return false
    const version = dataVersion.get()
    const changed = version !== seenVersion
    seenVersion = version
    return changed
  })
  const commits = groupCommit(db, signal.raise)
  const stops = new Set<() => Promise<void>>()
  let closed = false

  const reading =
    <A>(get: () => A): TaskEither<StoreFailure, A> =>
    () =>
      new Promise((resolve) => {
        if (closed) return resolve(left({ tag: 'StoreClosed' }))
        try {
          resolve(right(get()))
        } catch (error) {
          resolve(left({ tag: 'StoreUnavailable', reason: messageOf(error) }))
        }
      })

  return {
    append: (stream, expected, events) => async () => {
      if (events.length === 0) throw new Error('an append needs at least one event')
      return closed ? left({ tag: 'StoreClosed' }) : commits.add(() => append(stream, expected, events))
    },
    readStream: (stream, range = {}) => reading(() => read.stream(stream, range)),
    readLog: (after, limit, want) => reading(() => (want === 'unhashed' ? read.unhashed : read.log)(after, limit)),
    head: () => reading(read.head),
    subscribe: (after, { batchSize }, onBatch, onError) => {
      const readBatch = (position: Position) => (closed ? [] : read.log(position, batchSize))
      const subscription = subscribe(readBatch, signal, after, onBatch, onError)
      const stop = async (): Promise<void> => {
        stops.delete(stop)
        await subscription.stop()
      }
      stops.add(stop)
      return { stop }
    },
    close: async () => {
      if (closed) return
      commits.flush()
      closed = true
      await Promise.all([...stops].map((stop) => stop()))
      signal.close()
      db.close()
    },
  }
}
