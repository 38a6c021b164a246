import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import type { EventId, StreamName } from '../../../domain/ids.ts'

/**
 * A prefix of a stream up to `version`. It cannot become wrong, since streams only grow, but may be shorter than the
 * stream. `ids` are those of the events that passed through this process: all up to `version` where the stream was
 * loaded to decide on.
 */
export interface KnownStream {
  readonly version: number
  readonly hash: string
  readonly ids: ReadonlySet<EventId>
}

const unknown: KnownStream = { version: 0, hash: '', ids: new Set() }

/** Event ids that are kept over all streams: about 20 MB. */
const maxIds = 100_000

type Link = Pick<StoredEvent, 'id' | 'version' | 'hash'>

/**
 * An LRU cache of the streams last read or written. EventStoreDB neither rejects an event id that the stream already
 * holds nor knows the hash chain: `append` checks both against this cache, at no cost for a stream that was just loaded.
 */
export const knownStreams = () => {
  const known = new Map<StreamName, { version: number; hash: string; readonly ids: Set<EventId> }>()
  let count = 0

  const remove = (stream: StreamName): void => {
    count -= known.get(stream)?.ids.size ?? 0
    known.delete(stream)
  }
  const evict = (): void => {
    for (const oldest of known.keys()) {
      if (count <= maxIds) return
      remove(oldest)
    }
  }

  return {
    of: (stream: StreamName): KnownStream => known.get(stream) ?? unknown,
    /** Adds events of a stream, in the order of their versions. */
    add: (stream: StreamName, events: readonly Link[]): void => {
      const entry = known.get(stream) ?? { version: 0, hash: '', ids: new Set<EventId>() }
      // A Map keeps the order of insertion: the entry used last moves to its end.
      known.delete(stream)
      known.set(stream, entry)
      for (const { id, version, hash } of events) {
        if (version <= entry.version) continue
        entry.version = version
        entry.hash = hash
        if (!entry.ids.has(id)) count++
        entry.ids.add(id)
      }
      evict()
    },
  }
}

export type KnownStreams = ReturnType<typeof knownStreams>
