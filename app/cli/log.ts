import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../adapters/errors.ts'
import type { EventStore, StoredEvent } from '../../domain/event-store.ts'
import type { Position } from '../../domain/events/envelope.ts'
import { openEventStore, type LogPlace } from '../event-store.ts'
import { Failure } from './failure.ts'

const page = 1_000

/** A folder that cannot be opened safely says why in one line. */
const opened = (place: LogPlace): EventStore => {
  try {
    return openEventStore(place)
  } catch (error) {
    throw new Failure(messageOf(error))
  }
}

/** Opens the log for one command, beside a running server or without one, and closes it after. */
export const withLog = async <A>(
  place: LogPlace,
  create: boolean,
  use: (store: EventStore) => Promise<A>,
): Promise<A> => {
  if (!create && 'folder' in place && !existsSync(join(place.folder, 'log.db'))) {
    throw new Failure(`there is no log in ${place.folder}; set LEDGERDESK_DATA to the folder that the server uses`)
  }
  const store = opened(place)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Every event behind a position, in log order, a page at a time. */
export async function* logAfter(store: EventStore, after: Position): AsyncGenerator<StoredEvent, undefined> {
  for (let at = after; ;) {
    const events = await store.readLog(at, page)()
    if (events._tag === 'Left') throw new Failure(`the log cannot be read: ${events.left.tag}`)
    yield* events.right
    const last = events.right.at(-1)
    if (last === undefined) return undefined
    at = last.position
  }
}
