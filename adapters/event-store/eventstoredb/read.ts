import {
  BACKWARDS,
  END,
  FORWARDS,
  type EventStoreDBClient,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { StoreFailure, StoredEvent, StreamRange } from '../../../domain/event-log/event-store.ts'
import { comparePositions, start, type Position } from '../../../domain/event-log/envelope.ts'
import type { StreamName } from '../../../domain/ids.ts'
import { storedEvent } from './event.ts'
import type { StreamNames } from './names.ts'
import { readAll } from './read-all.ts'
import { permanentFailure, errorType, DeadlineExceeded, retryWithin, within } from './failures.ts'

/** All events of the log in a read. The call is cancelled in any case: one that is left alone stays open on the server. */
const collect = (names: StreamNames, reading: StreamingRead<ResolvedEvent>, ms: number): Promise<StoredEvent[]> =>
  new Promise((resolve, reject) => {
    const events: StoredEvent[] = []
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      // Rejects where there was no connection.
      reading.cancel().catch(() => undefined)
      settle()
    }
    const timer = setTimeout(() => end(() => reject(new DeadlineExceeded())), ms)
    reading.on('data', ({ event }: ResolvedEvent) => {
      if (event === undefined || !names.prefixes.some((prefix) => event.streamId.startsWith(prefix))) return
      const { streamId, position } = event
      events.push(storedEvent({ ...event, stream: names.fromCluster(streamId), commit: position?.commit ?? 0n }))
    })
    reading.on('error', (error) => end(() => reject(error)))
    reading.on('end', () => end(() => resolve(events)))
  })

/** The largest position that the protocol carries. */
const lastPosition = 2n ** 63n - 1n

/** Stands for all streams where a failure names its stream. */
const everyStream = '$all' as StreamName

const unavailable = (error: unknown): StoreFailure => ({
  tag: 'StoreUnavailable',
  reason: error instanceof DeadlineExceeded ? 'the event store is too slow' : 'the event store cannot be reached',
})

/** Reads from the leader, each settled within `ms` whatever the cluster does. */
export const reader = (client: EventStoreDBClient, names: StreamNames, ms: number) => {
  const read = async <A>(
    name: StreamName,
    attempt: (remainingMs: number) => Promise<A>,
  ): Promise<Either<StoreFailure, A>> => {
    const isPermanent = (error: unknown): boolean => permanentFailure(error, name) !== null
    const outcome = await retryWithin(ms, (remainingMs) => within(remainingMs, attempt(remainingMs)), isPermanent)
    if ('done' in outcome) return right(outcome.done)
    return left(permanentFailure(outcome.error, name) ?? unavailable(outcome.error))
  }

  const stream = (name: StreamName, { direction = 'forwards', from, limit }: StreamRange = {}) =>
    read(name, async (ms) => {
      const backwards = direction === 'backwards'
      const reading = client.readStream(names.onCluster(name), {
        direction: backwards ? BACKWARDS : FORWARDS,
        ...(from === undefined ? (backwards ? { fromRevision: END } : {}) : { fromRevision: BigInt(from - 1) }),
        ...(limit === undefined ? {} : { maxCount: limit }),
        requiresLeader: true,
      })
      try {
        return await collect(names, reading, ms)
      } catch (error) {
        if (errorType(error) === 'stream-not-found') return []
        throw error
      }
    })

  return {
    stream,
    /** The server reads `$all` including the start position: the event at `after` is dropped. */
    log: (after: Position, limit: number) =>
      read(everyStream, async (ms) => {
        const events = await readAll(client, names, { from: after, limit: limit + 1 }, ms)
        return events.filter(({ position }) => comparePositions(position, after) > 0).slice(0, limit)
      }),
    /** The server fails where no record stands at this very position. */
    at: (position: Position) =>
      read(everyStream, async (ms): Promise<StoredEvent | null> => {
        const commit = BigInt(position)
        if (position === start || commit > lastPosition) return null
        const from = { fromPosition: { commit, prepare: commit }, direction: FORWARDS, maxCount: 1 } as const
        try {
          const [event] = await collect(names, client.readAll({ ...from, requiresLeader: true }), ms)
          return event?.position === position ? event : null
        } catch (error) {
          if (errorType(error) === 'unknown-position') return null
          throw error
        }
      }),
    head: () =>
      read(everyStream, async (ms): Promise<Position> => {
        const [last] = await readAll(client, names, { from: null, limit: 1 }, ms)
        return last?.position ?? start
      }),
  }
}

export type Reader = ReturnType<typeof reader>
