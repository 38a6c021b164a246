import {
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import type { Subscription, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { comparePositions, start, type Position } from '../../../domain/event-log/envelope.ts'
import { storedEvent } from './event.ts'
import type { StreamNames } from './names.ts'

const firstPauseMs = 50
const longestPauseMs = 2_000

/**
 * The server tells where it is after 32 times as many records looked at. Only read, never kept: versions before 23.10.1
 * sent wrong ones, so a dropped subscription goes on behind the last event that was handed over.
 */
const checkpointInterval = 32

/** Handing over failed: the following is over. A connection that broke is not the follower's business. */
class BatchFailed extends Error {}

const positionOf = (at: Position) => (at === start ? START : { commit: BigInt(at), prepare: BigInt(at) })

/** Whether news came within so many ms. */
const inTime = async (ms: number, news: Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms).unref()
  })
  try {
    return await Promise.race([news.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

export interface FollowedCluster {
  readonly client: EventStoreDBClient
  readonly names: StreamNames
  /** Where our streams end; null where nobody can say. */
  readonly head: () => Promise<Position | null>
  /** After so many ms without an event the subscription is doubted. */
  readonly silenceMs: number
}

/**
 * Follows our streams through `$all`, filtered by the server, across every broken connection until stopped. A link that
 * died is noticed by keep-alive; a subscription that fell silent on a good link by asking where the log ends.
 */
export const subscribe = (
  { client, names, head, silenceMs }: FollowedCluster,
  after: Position,
  batchSize: number,
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  let [at, stopped, pauseMs] = [after, false, firstPauseMs]
  let ring: () => void = () => undefined

  /** What has arrived, at most a batch of it. Events at or before `at` were handed over: a server may send one again. */
  const arrived = (subscription: AllStreamSubscription): StoredEvent[] => {
    const events: StoredEvent[] = []
    let last = at
    while (events.length < batchSize) {
      const resolved: AllStreamResolvedEvent | null = subscription.read()
      if (resolved === null) break
      const { event } = resolved
      if (event === undefined) continue
      const stored = storedEvent({ ...event, stream: names.ours(event.streamId), commit: event.position.commit })
      if (comparePositions(stored.position, last) <= 0) continue
      events.push(stored)
      last = stored.position
    }
    return events
  }

  const hand = async (events: readonly StoredEvent[]): Promise<void> => {
    try {
      await onBatch(events)
    } catch (error) {
      throw new BatchFailed('the batch was not taken', { cause: error })
    }
    at = events.at(-1)?.position ?? at
  }

  /** One subscription, until it breaks or the following is stopped. */
  const subscribe = async (): Promise<void> => {
    const filter = streamNameFilter({
      prefixes: [...names.prefixes],
      checkpointInterval,
      checkpointReached: () => Promise.resolve(),
    })
    const subscription = client.subscribeToAll({ fromPosition: positionOf(at), filter }, { highWaterMark: batchSize })
    let [broken, doubted] = [false, start]
    const over = (): void => {
      broken = true
      ring()
    }
    subscription.on('error', over).on('end', over).on('close', over)
    subscription.on('readable', () => ring())
    try {
      while (!stopped) {
        const more = new Promise<void>((resolve) => (ring = resolve))
        const events = arrived(subscription)
        if (events.length > 0) {
          pauseMs = firstPauseMs
          await hand(events)
          continue
        }
        if (broken) return
        if (await inTime(silenceMs, more)) continue
        // What ended the log a whole silence ago should have come by now.
        if (comparePositions(doubted, at) > 0) return
        doubted = (await head()) ?? start
      }
    } finally {
      // Nobody waits for it: where there is no connection yet, it leaves as soon as there is one, or none.
      void subscription.unsubscribe().catch(() => undefined)
    }
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      ring = () => {
        clearTimeout(timer)
        resolve()
      }
      pauseMs = Math.min(longestPauseMs, 2 * pauseMs)
    })

  const run = async (): Promise<void> => {
    while (!stopped) {
      await subscribe()
      if (!stopped) await pause()
    }
  }
  const done = run().catch((error: unknown) => {
    if (!stopped) onError(error instanceof BatchFailed ? error.cause : error)
  })

  return {
    stop: async () => {
      stopped = true
      ring()
      await done
    },
  }
}
