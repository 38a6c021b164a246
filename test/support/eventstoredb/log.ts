/**
 * The log of the stand-in for EventStoreDB. Appends behave as in the server's source (23.10, `CheckCommit` in
 * IndexWriter): with an explicit revision the same ids at the same revisions succeed; ids are not unique otherwise.
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
  /** The byte offset; commit and prepare position are equal for a single write. */
  readonly position: bigint
  /** .NET ticks since 1970. */
  readonly created: string
}

/** -1: the stream must not exist. */
export type Expected = 'any' | 'exists' | number

export type AppendOutcome =
  | { readonly tag: 'Written'; readonly revision: number; readonly position: bigint }
  | { readonly tag: 'WrongExpectedVersion'; readonly current: number }
  | { readonly tag: 'TooLarge'; readonly limit: number }

/** The server's default limit of one append, in bytes: it counts the data alone (`SizeOnDisk` in its Event). */
const appendLimit = 1_048_576

const sizeOf = (events: readonly ProposedEvent[]): number => events.reduce((sum, { data }) => sum + data.length, 0)

const foreignEvent = (): ProposedEvent => ({
  id: crypto.randomUUID(),
  type: 'Ordered',
  contentType: 'application/json',
  data: new TextEncoder().encode('{}'),
  metadata: new Uint8Array(),
})

export const createLog = () => {
  const records: LogRecord[] = []
  const streams = new Map<string, LogRecord[]>()
  const listeners = new Set<() => void>()
  const positions = new Set<bigint>()
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
      positions.add(end)
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

  /** Succeeds where the stream holds all ids, appends where it lacks the first, and is a wrong version otherwise. */
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
    /** Whether a read from this position ends in an error: it stands between two records. Behind the end none does. */
    isBetween: (position: bigint): boolean => position < end && !positions.has(position),
    /** Writes so many events of another program at once. */
    putForeign: (count: number): void => put('orders-1', Array.from({ length: count }, foreignEvent)),
    /** Appends an event of the server itself, such as its statistics. */
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
  // A new log begins with records of the server, so no event of a user has position 0.
  log.putSystemEvent()
  return log
}

export type Log = ReturnType<typeof createLog>
