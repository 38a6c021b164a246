/**
 * The log of a stand-in for EventStoreDB. How the server answers appends was read in its source (23.10, IndexWriter's
 * CheckCommit): with an explicit revision the same ids at the same place are a success, ids are unique nowhere else.
 */

export interface ProposedEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

export interface LogRecord extends ProposedEvent {
  readonly stream: string
  readonly revision: number
  /** The byte offset; commit and prepare are the same for what is written in one piece. */
  readonly position: bigint
  /** .NET ticks since 1970. */
  readonly created: string
}

/** `-1`: the stream must not exist yet. */
export type Expected = 'any' | 'exists' | number

export type AppendOutcome =
  | { readonly tag: 'Written'; readonly revision: number; readonly position: bigint }
  | { readonly tag: 'WrongExpectedVersion'; readonly current: number }
  | { readonly tag: 'TooLarge'; readonly limit: number }

/** What a server takes in one append unless told otherwise. */
const appendLimit = 1_048_576

const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)

export const createLog = () => {
  const records: LogRecord[] = []
  const streams = new Map<string, LogRecord[]>()
  const listeners = new Set<() => void>()
  let end = 0n

  const put = (stream: string, events: readonly ProposedEvent[]): void => {
    const own = streams.get(stream) ?? []
    streams.set(stream, own)
    for (const event of events) {
      const record = {
        ...event,
        stream,
        revision: own.length,
        position: end,
        created: String(BigInt(Date.now()) * 10_000n),
      }
      records.push(record)
      own.push(record)
      end += BigInt(150 + event.data.length + event.metadata.length)
    }
    for (const listener of listeners) listener()
  }

  const written = (record: LogRecord): AppendOutcome => ({
    tag: 'Written',
    revision: record.revision,
    position: record.position,
  })

  const appended = (stream: string, events: readonly ProposedEvent[]): AppendOutcome => {
    put(stream, events)
    const last = streams.get(stream)?.at(-1)
    if (last === undefined) throw new Error('an append needs events')
    return written(last)
  }

  /** Success where all ids are in the stream already, an append where the first is not, else a wrong version. */
  const appendAnywhere = (stream: string, own: readonly LogRecord[], events: readonly ProposedEvent[]) => {
    const known = events.map(({ id }) => own.find((record) => record.id === id))
    const last = known.at(-1)
    if (known[0] === undefined) return appended(stream, events)
    return last !== undefined && known.every((record) => record !== undefined)
      ? written(last)
      : ({ tag: 'WrongExpectedVersion', current: own.length - 1 } as const)
  }

  const log = {
    append: (stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendOutcome => {
      const own = streams.get(stream) ?? []
      const current = own.length - 1
      if (sizeOf(events) > appendLimit) return { tag: 'TooLarge', limit: appendLimit }
      if (expected === 'exists' && current < 0) return { tag: 'WrongExpectedVersion', current }
      if (expected === 'any' || expected === 'exists') return appendAnywhere(stream, own, events)
      if (expected === current) return appended(stream, events)
      const there = own.slice(expected + 1, expected + 1 + events.length)
      const last = there.at(-1)
      return last !== undefined && there.length === events.length && there.every(({ id }, n) => id === events[n]?.id)
        ? written(last)
        : { tag: 'WrongExpectedVersion', current }
    },
    stream: (name: string): readonly LogRecord[] => streams.get(name) ?? [],
    all: (): readonly LogRecord[] => records,
    /** An event of the server's own, such as its statistics. */
    putSystemEvent: (): void =>
      put('$stats-127.0.0.1:2113', [
        {
          id: crypto.randomUUID(),
          type: '$statsCollected',
          contentType: 'application/json',
          data: new TextEncoder().encode('{"proc-cpu":1}'),
          metadata: new Uint8Array(),
        },
      ]),
    onAppend: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  // A new log is not empty: the server's own records come first, and no event of a user stands at 0.
  log.putSystemEvent()
  return log
}

export type Log = ReturnType<typeof createLog>
