import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type {
  Appended,
  AppendFailure,
  ExpectedVersion,
  SealedEvent,
  StoredEvent,
  StoreFailure,
} from '../../../domain/event-log/event-store.ts'
import { assertChained } from '../../../domain/event-log/seal-events.ts'
import type { StreamName } from '../../../domain/ids.ts'
import type { AppendChannel } from './append-channel.ts'
import { sizeOf, wireEvent, type WireEvent } from './event.ts'
import { errorType, permanentFailure, retryWithin } from './failures.ts'
import type { KnownStream, KnownStreams } from './known-streams.ts'
import type { StreamNames } from './names.ts'
import type { Reader } from './read.ts'

/** Bytes. A server's default limit for one append is 1 MiB, which includes names and frames. */
export const maxAppendBytes = 900_000

export interface Deadlines {
  /** For one call to the cluster, in ms. */
  readonly callMs: number
  /** For an append with its retries, in ms; after that its outcome is unknown. */
  readonly settleMs: number
}

type Outcome = E.Either<AppendFailure, Appended>

/** @throws Error where an id is already in the stream: a bug of the writer, since ids derive from commands. */
const assertNewIds = (stream: StreamName, known: KnownStream, events: readonly SealedEvent[]): void => {
  const repeated = events.find(({ id }) => known.ids.has(id))
  if (repeated !== undefined) throw new Error(`event ${repeated.id} stands in ${stream} already`)
}

/** @throws Error for events that the cluster would refuse, and for a stream that no subscription would ever deliver. */
const toWire = (names: StreamNames, stream: StreamName, events: readonly SealedEvent[]): WireEvent[] => {
  if (!names.prefixes.some((prefix) => names.onCluster(stream).startsWith(prefix))) {
    throw new Error(`${stream} has none of the prefixes by which the log is filtered: ${names.prefixes.join(', ')}`)
  }
  const wire = events.map(wireEvent)
  const bytes = sizeOf(wire)
  if (bytes > maxAppendBytes) throw new Error(`an append of ${bytes} bytes: the cluster takes ${maxAppendBytes}`)
  return wire
}

/** Appends to the cluster, and answers only what is certain: see docs/adr/0034-appends-and-searches-on-a-cluster.md. */
export const appender = (
  channel: AppendChannel,
  names: StreamNames,
  read: Reader,
  known: KnownStreams,
  { callMs, settleMs }: Deadlines,
) => {
  /** Reads the rest of the stream behind what is known of it. */
  const loadHead = async (stream: StreamName): Promise<E.Either<StoreFailure, KnownStream>> =>
    pipe(
      await read.stream(stream, { from: known.of(stream).version + 1 }),
      E.map((events) => {
        known.add(stream, events)
        return known.of(stream)
      }),
    )

  const conflict = async (stream: StreamName): Promise<Outcome> =>
    pipe(
      await loadHead(stream),
      E.flatMap(({ version }): Outcome => E.left({ tag: 'WrongExpectedVersion', stream, actual: version })),
    )

  /**
   * The outcome by what is stored at the versions of these events. The same events: success, by this attempt or an
   * earlier one. Others: a conflict, since these can no longer be stored. Nothing: null, the append may still arrive.
   */
  const outcomeByStream = async (
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Promise<Outcome | null> => {
    const found = await read.stream(stream, { from: expected + 1, limit: events.length })
    if (E.isLeft(found)) return found
    const stored = found.right
    const last: StoredEvent | undefined = stored.at(-1)
    if (last === undefined) return null
    const isSame = stored.length === events.length && events.every(({ hash }, n) => hash === stored[n]?.hash)
    return isSame ? E.right({ version: last.version, position: last.position }) : conflict(stream)
  }

  /** One attempt, and a read of its outcome where the server does not say it. @throws the error that leaves it open. */
  const attempt = async (
    stream: StreamName,
    expected: number,
    events: readonly SealedEvent[],
    wire: readonly WireEvent[],
    ms: number,
  ): Promise<Outcome> => {
    try {
      const position = await channel(names.onCluster(stream), expected, wire, ms)
      return E.right({ version: expected + events.length, position })
    } catch (error) {
      if (permanentFailure(error, stream) !== null) throw error
      const outcome = await outcomeByStream(stream, expected, events)
      if (outcome === null || (E.isLeft(outcome) && outcome.left.tag === 'StoreUnavailable')) throw error
      return outcome
    }
  }

  return async (stream: StreamName, expected: ExpectedVersion, events: readonly SealedEvent[]): Promise<Outcome> => {
    const wire = toWire(names, stream, events)
    if (known.of(stream).version !== expected) {
      const head = await loadHead(stream)
      if (E.isLeft(head)) return head
      const actual = head.right.version
      if (actual !== expected) {
        const stale: Outcome = E.left({ tag: 'WrongExpectedVersion', stream, actual })
        return (await outcomeByStream(stream, expected, events)) ?? stale
      }
    }
    assertChained(stream, known.of(stream), events)
    assertNewIds(stream, known.of(stream), events)
    let attempts = 0
    // Repeating an append with the same ids at the same revision is safe at any time: the server answers as before.
    const outcome = await retryWithin(
      settleMs,
      (ms) => {
        attempts++
        return attempt(stream, expected, events, wire, Math.min(callMs, ms))
      },
      (error) => permanentFailure(error, stream) !== null,
    )
    if ('error' in outcome) {
      // A permanent failure concerns its own attempt: an earlier one, whose answer was lost, may have stored the events.
      const failure = attempts === 1 ? permanentFailure(outcome.error, stream) : null
      return E.left(failure ?? { tag: 'OutcomeUnknown', reason: errorType(outcome.error) })
    }
    if (E.isRight(outcome.done)) known.add(stream, events)
    return outcome.done
  }
}
