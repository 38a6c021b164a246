import { NO_STREAM, type EventData, type EventStoreDBClient } from '@eventstore/db-client'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type {
  Appended,
  AppendFailure,
  ExpectedVersion,
  SealedEvent,
  StoredEvent,
  StoreFailure,
} from '../../../domain/event-log/event-store.ts'
import { sizeOf, wireEvent } from './event.ts'
import type { KnownStream, KnownStreams } from './known-streams.ts'
import type { StreamNames } from './names.ts'
import type { Reader } from './read.ts'
import { certainFailure, kindOf, TooLate, untilDone, within } from './trouble.ts'

/** Bytes. A server takes 1 MiB in one append unless told otherwise, names and frames included. */
export const mostBytes = 900_000

export interface Deadlines {
  /** For one call to the cluster, in ms. */
  readonly callMs: number
  /** For finding out what became of an append, in ms; after that its outcome is unknown. */
  readonly settleMs: number
}

type Answer = 'stored' | 'wrong version'

/** Whoever loaded the stream sealed these events to its head: anything else is a bug, not a conflict. */
const assertChained = (stream: string, known: KnownStream, events: readonly SealedEvent[]): void => {
  let { version, hash } = known
  for (const event of events) {
    version++
    if (event.stream !== stream || event.version !== version || event.previousHash !== hash) {
      throw new Error(`event ${event.id} is not chained to ${stream} at version ${version - 1}`)
    }
    if (known.ids.has(event.id)) throw new Error(`event ${event.id} stands in ${stream} already`)
    hash = event.hash
  }
}

const wired = (names: StreamNames, stream: string, events: readonly SealedEvent[]): EventData[] => {
  if (!names.prefixes.some((prefix) => names.onCluster(stream).startsWith(prefix))) {
    throw new Error(`${stream} is of no kind that the log is filtered by: nobody would ever see it`)
  }
  const wire = events.map(wireEvent)
  const bytes = sizeOf(wire)
  if (bytes > mostBytes) throw new Error(`an append of ${bytes} bytes: the cluster takes ${mostBytes}`)
  return wire
}

/** Appends to the cluster, and says what became of it only when that is sure. */
export const appender = (
  client: EventStoreDBClient,
  names: StreamNames,
  read: Reader,
  known: KnownStreams,
  { callMs, settleMs }: Deadlines,
) => {
  /** The server's own answer. Whatever else comes back is thrown, and leaves the outcome open. */
  const call = async (stream: string, expected: number, events: EventData[], ms: number): Promise<Answer> => {
    const sent = client.appendToStream(names.onCluster(stream), events, {
      expectedRevision: expected === 0 ? NO_STREAM : BigInt(expected - 1),
      requiresLeader: true,
      deadline: ms,
    })
    try {
      await within(ms, sent)
      return 'stored'
    } catch (error) {
      if (kindOf(error) === 'wrong-expected-version') return 'wrong version'
      throw error
    }
  }

  /** Reads on from what is known of the stream to its end. */
  const readOn = async (stream: string): Promise<Either<StoreFailure, KnownStream>> => {
    const rest = await read.stream(stream, { from: known.of(stream).version + 1 })
    if (rest._tag === 'Left') return rest
    known.learn(stream, rest.right)
    return right(known.of(stream))
  }

  /**
   * What stands where these events were to be. All of them, byte for byte: they are stored, now or by an earlier try.
   * Others: the place is taken, and these can never be. Nothing: null, and they may still come. The server compares ids
   * alone, so its yes is believed only after this.
   */
  const settled = async (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Promise<Either<AppendFailure, Appended> | null> => {
    const there = await read.stream(stream, { from: expected + 1, limit: events.length })
    if (there._tag === 'Left') return there
    const last: StoredEvent | undefined = there.right.at(-1)
    if (last === undefined) return null
    const isSame = there.right.length === events.length && events.every(({ hash }, n) => hash === there.right[n]?.hash)
    if (isSame) return right({ version: last.version, position: last.position })
    const head = await readOn(stream)
    return head._tag === 'Left' ? head : left({ tag: 'WrongExpectedVersion', stream, actual: head.right.version })
  }

  /** One try, and a look at what became of it. @throws what keeps it from being known. */
  const attempt = async (
    stream: string,
    expected: number,
    events: readonly SealedEvent[],
    wire: EventData[],
    ms: number,
  ) => {
    let trouble: unknown = new TooLate()
    try {
      await call(stream, expected, wire, ms)
    } catch (error) {
      if (certainFailure(error, stream) !== null) throw error
      trouble = error
    }
    const outcome = await settled(stream, expected, events)
    if (outcome === null || (outcome._tag === 'Left' && outcome.left.tag === 'StoreUnavailable')) throw trouble
    return outcome
  }

  return async (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Promise<Either<AppendFailure, Appended>> => {
    const wire = wired(names, stream, events)
    if (known.of(stream).version !== expected) {
      const head = await readOn(stream)
      if (head._tag === 'Left') return head
      if (head.right.version !== expected) {
        const stale = left({ tag: 'WrongExpectedVersion', stream, actual: head.right.version } as const)
        return (await settled(stream, expected, events)) ?? stale
      }
    }
    assertChained(stream, known.of(stream), events)
    let tries = 0
    // The same ids at the same revision again are safe without limit of time: the server answers as the first time.
    const outcome = await untilDone(
      settleMs,
      (ms) => {
        tries++
        return attempt(stream, expected, events, wire, Math.min(callMs, ms))
      },
      (error) => certainFailure(error, stream) !== null,
    )
    if ('error' in outcome) {
      // A no is certain for the try that got it: an earlier one, whose answer was lost, may have stored them.
      const certain = tries === 1 ? certainFailure(outcome.error, stream) : null
      return left(certain ?? { tag: 'OutcomeUnknown', reason: kindOf(outcome.error) })
    }
    if (outcome.done._tag === 'Right') known.learn(stream, events)
    return outcome.done
  }
}
