import { openEventStoreDB, type ClusterStore } from '../adapters/event-store/eventstoredb/store.ts'
import { refuseOnceSealed } from '../adapters/event-store/log-seal.ts'
import { openSqliteEventStore } from '../adapters/event-store/sqlite/store.ts'
import type { EventStore } from '../domain/event-log/event-store.ts'

/** The location of the log: a folder with its SQLite file, or a cluster of EventStoreDB. */
export type LogPlace = { readonly folder: string } | { readonly connectionString: string }

/**
 * Opens the log. A cluster need not be reachable yet.
 * @throws Error of one line where a folder cannot be opened safely.
 */
export const openEventStore = (place: LogPlace): EventStore | ClusterStore =>
  'folder' in place ? openSqliteEventStore(place) : refuseOnceSealed(openEventStoreDB(place))
