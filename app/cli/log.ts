import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../adapters/errors.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { openEventStore, type LogPlace } from '../event-store.ts'
import { Failure } from './failure.ts'

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
