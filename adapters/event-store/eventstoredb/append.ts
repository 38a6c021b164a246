import { NO_STREAM, type EventData, type EventStoreDBClient } from '@eventstore/db-client'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type {
  Appended,
  AppendFailure,
  ExpectedVersion,
  SealedEvent,
  StoredEvent,
  StoreFailure,
} from '../../../domain/event-store.ts'
import { streamKinds } from '../../../domain/ids.ts'
import { sizeOf, wireEvent } from './event.ts'
import type { KnownStream, KnownStreams } from './known-streams.ts'
import type { Reader } from './read.ts'
import { certainFailure, kindOf, untilDone, within } from './trouble.ts'

/** Bytes. A server takes 1 MiB in one append unless told otherwise, names and frames included. */
export const mostBytes = 900_000

export interface Deadlines {
  /** For one call to the cluster, in ms. */
  readonly callMs: number
  /** For finding out what became of an append, in ms; after that its outcome is unknown. */
  readonly settleMs: number
}

/** The server's own answers; whatever else comes back leaves the outcome open. */
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

const wired = (stream: string, events: readonly SealedEvent[]): EventData[] => {
  if (!streamKinds.some((kind) => stream.startsWith(kind))) {
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
  read: Reader,
  known: KnownStreams,
  { callMs, settleMs }: Deadlines,
) => {
  const call = async (stream: string, expected: number, events: EventData[], ms: number): Promise<Answer> => {
    const sent = client.appendToStream(stream, events, {
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
   * What stands where these events were to be. All of them, byte for byte: they are stored, now or by an earlier try,
   * and the place is theirs. The server compares ids alone, so its yes is believed only after this.
   */
  const settled = async (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Promise<Either<AppendFailure, Appended>> => {
    const there = await read.stream(stream, { from: expected + 1, limit: events.length })
    if (there._tag === 'Left') return there
    const last: StoredEvent | undefined = there.right.at(-1)
    const isSame = there.right.length === events.length && events.every(({ hash }, n) => hash === there.right[n]?.hash)
    if (isSame && last !== undefined) return right({ version: last.version, position: last.position })
    const head = await readOn(stream)
    return head._tag === 'Left' ? head : left({ tag: 'WrongExpectedVersion', stream, actual: head.right.version })
  }

  return async (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ): Promise<Either<AppendFailure, Appended>> => {
    const wire = wired(stream, events)
    if (known.of(stream).version !== expected) {
      const head = await readOn(stream)
      if (head._tag === 'Left') return head
      if (head.right.version !== expected) return settled(stream, expected, events)
    }
    assertChained(stream, known.of(stream), events)
    // Retrying with the same ids at the same revision is safe without limit of time: the server answers as the first time.
    const outcome = await untilDone(
      settleMs,
      (ms) => call(stream, expected, wire, Math.min(callMs, ms)),
      (error) => certainFailure(error, stream) !== null,
    )
    if ('error' in outcome) {
      const certain = certainFailure(outcome.error, stream)
      return left(certain ?? { tag: 'OutcomeUnknown', reason: kindOf(outcome.error) })
    }
    const answer = await settled(stream, expected, events)
    if (answer._tag === 'Right') {
      known.learn(stream, events)
      return answer
    }
    // It may be stored, and nobody can be asked: that is not the same as an append that was never sent.
    return answer.left.tag === 'StoreUnavailable' ? left({ tag: 'OutcomeUnknown', reason: answer.left.reason }) : answer
  }
}
