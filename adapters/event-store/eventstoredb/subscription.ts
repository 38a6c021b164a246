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
 * After 32 times as many scanned records the server sends a checkpoint. Checkpoints are ignored, since versions before
 * 23.10.1 sent wrong ones: a dropped subscription resumes after the last event that was delivered.
 */
const checkpointInterval = 32

/** `onBatch` rejected, which ends the subscription; a broken connection does not. */
class BatchFailed extends Error {}

const positionOf = (at: Position) => (at === start ? START : { commit: BigInt(at), prepare: BigInt(at) })

/** Whether the promise resolved within so many ms. */
const resolvesWithin = async (ms: number, signal: Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms).unref()
  })
  try {
    return await Promise.race([signal.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

export interface SubscribedCluster {
  readonly client: EventStoreDBClient
  readonly names: StreamNames
  /** The position of the log's last event; null where it cannot be read. */
  readonly head: () => Promise<Position | null>
  /** After so many ms without an event the subscription is compared with the head of the log. */
  readonly silenceMs: number
}

/**
 * Subscribes to the log through `$all`, filtered by the server, and reconnects after every broken connection until it is
 * stopped. Keep-alive detects a dead connection; a subscription that stalls on a living one is detected by comparing it
 * with the head of the log.
 */
export const subscribe = (
  { client, names, head, silenceMs }: SubscribedCluster,
  after: Position,
  batchSize: number,
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  let [at, stopped, pauseMs] = [after, false, firstPauseMs]
  let wake: () => void = () => undefined

  /** At most a batch of what has arrived, without events at or before `at`: a server may send one again. */
  const arrived = (subscription: AllStreamSubscription): StoredEvent[] => {
    const events: StoredEvent[] = []
    let last = at
    while (events.length < batchSize) {
      const resolved: AllStreamResolvedEvent | null = subscription.read()
      if (resolved === null) break
      const { event } = resolved
      if (event === undefined) continue
      const stored = storedEvent({ ...event, stream: names.fromCluster(event.streamId), commit: event.position.commit })
      if (comparePositions(stored.position, last) <= 0) continue
      events.push(stored)
      last = stored.position
    }
    return events
  }

  const deliver = async (events: readonly StoredEvent[]): Promise<void> => {
    try {
      await onBatch(events)
    } catch (error) {
      throw new BatchFailed('onBatch rejected', { cause: error })
    }
    at = events.at(-1)?.position ?? at
  }

  /** One connection, until it breaks, stalls, or the subscription is stopped. */
  const connection = async (): Promise<void> => {
    const filter = streamNameFilter({
      prefixes: [...names.prefixes],
      checkpointInterval,
      checkpointReached: () => Promise.resolve(),
    })
    const subscription = client.subscribeToAll({ fromPosition: positionOf(at), filter }, { highWaterMark: batchSize })
    let [broken, headWhenSilent] = [false, start]
    const over = (): void => {
      broken = true
      wake()
    }
    subscription.on('error', over).on('end', over).on('close', over)
    subscription.on('readable', () => wake())
    try {
      while (!stopped) {
        const changed = new Promise<void>((resolve) => (wake = resolve))
        const events = arrived(subscription)
        if (events.length > 0) {
          pauseMs = firstPauseMs
          await deliver(events)
          continue
        }
        if (broken) return
        if (await resolvesWithin(silenceMs, changed)) continue
        // The event that was the head one period ago has still not arrived: the subscription stalls.
        if (comparePositions(headWhenSilent, at) > 0) return
        headWhenSilent = (await head()) ?? start
      }
    } finally {
      // Not awaited: without a connection it settles only once there is one.
      void subscription.unsubscribe().catch(() => undefined)
    }
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      pauseMs = Math.min(longestPauseMs, 2 * pauseMs)
    })

  const run = async (): Promise<void> => {
    while (!stopped) {
      await connection()
      if (!stopped) await pause()
    }
  }
  const done = run().catch((error: unknown) => {
    if (!stopped) onError(error instanceof BatchFailed ? error.cause : error)
  })

  return {
    stop: async () => {
      stopped = true
      wake()
      await done
    },
  }
}
