import { openEventStoreDB, type ClusterStore } from '../adapters/event-store/eventstoredb/store.ts'
import { openSqliteEventStore, type SqliteEventStore } from '../adapters/event-store/sqlite/store.ts'

/** The location of the log: a folder with its SQLite file, or a cluster of EventStoreDB. */
export type LogPlace = { readonly folder: string } | { readonly connectionString: string }

/**
 * Opens the log. A cluster need not be reachable yet; for a folder that another process has locked it waits `lockWaitMs`,
 * which holds this thread.
 * @throws Error of one line where a folder cannot be opened safely.
 */
export const openEventStore = (place: LogPlace, lockWaitMs?: number): SqliteEventStore | ClusterStore =>
  'folder' in place ? openSqliteEventStore(place, lockWaitMs) : openEventStoreDB(place)
