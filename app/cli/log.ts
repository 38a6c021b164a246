import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../adapters/errors.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { openEventStore, type LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'

/** What to do where the data folder, which `LEDGERDESK_DATA` names, has no log. */
export const setDataFolder = 'set LEDGERDESK_DATA to the data folder of the server'

/** Fails for a folder without a log. A cluster is not connected to. */
export const checkLogExists = (place: LogPlace, remedy: string): Either<Failure, LogPlace> =>
  'folder' in place && !existsSync(join(place.folder, 'log.db'))
    ? left({ code: 'NotFound', what: `log in ${place.folder}`, remedy })
    : right(place)

const onSearch = (seconds: number): void =>
  void process.stderr.write(`ledgerdesk: the log is searched among other programs' events: ${seconds} s so far\n`)

const opened = (place: LogPlace): Either<Failure, EventStore> => {
  try {
    return right(openEventStore(place, { onSearch }))
  } catch (error) {
    return left({ code: 'UnopenedLog', reason: messageOf(error) })
  }
}

/** Opens the log, creating it where it does not exist, for one command; a server may be running. */
export const withNewLog =
  <A>(place: LogPlace, use: (store: EventStore) => TaskEither<Failure, A>): TaskEither<Failure, A> =>
  async () => {
    const store = opened(place)
    if (isLeft(store)) return store
    try {
      return await use(store.right)()
    } finally {
      await store.right.close()
    }
  }

/** As `withNewLog`, for a log that exists; `remedy` says how to name another where it does not. */
export const withLog =
  <A>(place: LogPlace, remedy: string, use: (store: EventStore) => TaskEither<Failure, A>): TaskEither<Failure, A> =>
  async () => {
    const existing = checkLogExists(place, remedy)
    return isLeft(existing) ? existing : withNewLog(existing.right, use)()
  }
