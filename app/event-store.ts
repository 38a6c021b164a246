import { openEventStoreDB, type ClusterStore } from '../adapters/event-store/eventstoredb/store.ts'
import { refuseOnceSealed } from '../adapters/event-store/log-seal.ts'
import { openSqliteEventStore } from '../adapters/event-store/sqlite/store.ts'
import type { EventStore } from '../domain/event-log/event-store.ts'

/**
 * The location of the log: a folder with its SQLite file, or a cluster of EventStoreDB with the file that keeps what was
 * searched there, so that the next start does not search it again.
 */
export type LogPlace =
  | { readonly folder: string }
  | { readonly connectionString: string; readonly searchedFile?: string }

/**
 * Opens the log. A cluster need not be reachable yet. `onSearch` is called while the log's events are searched among
 * those of other programs, with the seconds so far.
 * @throws Error of one line where a folder cannot be opened safely.
 */
export const openEventStore = (
  place: LogPlace,
  onSearch: (seconds: number) => void = () => undefined,
): EventStore | ClusterStore =>
  'folder' in place ? openSqliteEventStore(place) : refuseOnceSealed(openEventStoreDB({ ...place, onSearch }))
