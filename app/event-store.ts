import { openEventStoreDB, type ClusterStore } from '../adapters/event-store/eventstoredb/store.ts'
import { refuseOnceSealed } from '../adapters/event-store/log-seal.ts'
import { openSqliteEventStore, type SqliteEventStore } from '../adapters/event-store/sqlite/store.ts'

/**
 * The location of the log: a folder with its SQLite file, or a cluster of EventStoreDB with the file that keeps what was
 * searched there, so that the next start does not search it again.
 */
export type LogPlace =
  | { readonly folder: string }
  | { readonly connectionString: string; readonly searchedFile?: string }

interface OpenOptions {
  readonly onSearch?: (seconds: number) => void
  readonly lockWaitMs?: number
}

/**
 * Opens the log. A cluster need not be reachable yet; for a folder that another process has locked it waits `lockWaitMs`,
 * which holds this thread. `onSearch` is called while the log's events are searched among those of other programs, with
 * the seconds so far.
 * @throws Error of one line where a folder cannot be opened safely.
 */
export const openEventStore = (
  place: LogPlace,
  { onSearch = () => undefined, lockWaitMs }: OpenOptions = {},
): SqliteEventStore | ClusterStore =>
  'folder' in place
    ? openSqliteEventStore(place, lockWaitMs)
    : refuseOnceSealed(openEventStoreDB({ ...place, onSearch }))
