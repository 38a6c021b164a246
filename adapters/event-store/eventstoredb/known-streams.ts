import type { StoredEvent } from '../../../domain/event-log/event-store.ts'

/**
 * How a stream begins, up to some version: never wrong, since streams only grow, and perhaps not all of it. `ids` are
 * those of the events that were read or written here: all of them where the stream was loaded to decide on.
 */
export interface KnownStream {
  readonly version: number
  readonly hash: string
  readonly ids: ReadonlySet<string>
}

const nothing: KnownStream = { version: 0, hash: '', ids: new Set() }

/** So many event ids are remembered, over all streams: some 20 MB. */
const mostIds = 100_000

type Link = Pick<StoredEvent, 'id' | 'version' | 'hash'>

/**
 * Remembers the streams last read or written. The server holds no event id to be unique in its stream, and knows no
 * hashes: both are checked here, at no cost for a stream that was just loaded to decide on.
 */
export const knownStreams = () => {
  const known = new Map<string, { version: number; hash: string; readonly ids: Set<string> }>()
  let count = 0

  const forget = (stream: string): void => {
    count -= known.get(stream)?.ids.size ?? 0
    known.delete(stream)
  }
  const makeRoom = (): void => {
    for (const oldest of known.keys()) {
      if (count <= mostIds) return
      forget(oldest)
    }
  }

  return {
    of: (stream: string): KnownStream => known.get(stream) ?? nothing,
    /** Takes in events of a stream, in the order of their versions. */
    learn: (stream: string, events: readonly Link[]): void => {
      const entry = known.get(stream) ?? { version: 0, hash: '', ids: new Set<string>() }
      // The last one used is the last one forgotten.
      known.delete(stream)
      known.set(stream, entry)
      for (const { id, version, hash } of events) {
        if (version <= entry.version) continue
        entry.version = version
        entry.hash = hash
        if (!entry.ids.has(id)) count++
        entry.ids.add(id)
      }
      makeRoom()
    },
  }
}

export type KnownStreams = ReturnType<typeof knownStreams>
