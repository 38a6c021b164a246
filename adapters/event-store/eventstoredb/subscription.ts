import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import {
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { isRight } from 'fp-ts/lib/Either.js'
import type { Stalled, Subscription, StoredEvent, StoreFailure } from '../../../domain/event-log/event-store.ts'
import { comparePositions, start, type Position } from '../../../domain/event-log/envelope.ts'
import { storedEvent } from './event.ts'
import {
  DeadlineExceeded,
  errorType,
  everyStream,
  failureOf,
  permanentFailure,
  unknownPosition,
  within,
} from './failures.ts'
import type { StreamNames } from './names.ts'
import type { Reader } from './read.ts'

const firstPauseMs = 50
const longestPauseMs = 2_000

/** Nothing received for so long is reported, in ms. */
const stalledMs = 10_000

/** What has arrived is collected for so long at most before it is delivered, in ms. */
const collectMs = 10
/** So many events at once are no single command: more are on their way. */
const manyEvents = 16

/**
 * After 32 times as many scanned records the server sends a checkpoint. Its position is ignored, since versions before
 * 23.10.1 sent wrong ones: a dropped subscription resumes after the last event that was delivered. It shows that the
 * server scans.
 */
const checkpointInterval = 32

/** `onBatch` rejected, which ends the subscription; a broken connection does not. */
class BatchFailed extends Error {}

/** Resolves after so many ms at the latest, with whether the promise did before. */
const resolvesWithin = async (ms: number, signal: Promise<void>): Promise<boolean> => {
  try {
    await within(ms, signal)
    return true
  } catch {
    return false
  }
}

export interface SubscribedCluster {
  readonly client: EventStoreDBClient
  readonly names: StreamNames
  readonly read: Reader
  /** After so many ms without an event the subscription is compared with the head of the log. */
  readonly silenceMs: number
}

export interface SubscriptionOptions {
  readonly batchSize: number
  readonly onStalled?: (stalled: Stalled | null) => void
}

/**
 * Reports once nothing could be received for `stalledMs`, or at once what goes on until somebody changes the store, and
 * when it is over.
 */
const stallReporter = (report: (stalled: Stalled | null) => void) => {
  let [healthyAt, isReported] = [performance.now(), false]
  return {
    /** When the last sign of life came. */
    healthyAt: () => healthyAt,
    healthy: (): void => {
      healthyAt = performance.now()
      if (isReported) report(null)
      isReported = false
    },
    failed: (failure: StoreFailure, isPermanent: boolean): void => {
      const ms = performance.now() - healthyAt
      if (!isPermanent && ms < stalledMs) return
      isReported = true
      report({ failure, ms })
    },
  }
}

/**
 * Subscribes to the log through `$all`, filtered by the server, and reconnects after every broken connection until it is
 * stopped. Keep-alive detects a dead connection; a subscription that stalls on a living one is detected by comparing it
 * with the head of the log.
 */
export const subscribe = (
  { client, names, read, silenceMs }: SubscribedCluster,
  after: Position,
  { batchSize, onStalled = () => undefined }: SubscriptionOptions,
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  let [at, stopped, pauseMs] = [after, false, firstPauseMs]
  let wake: () => void = () => undefined
  let stop: () => void = () => undefined
  const stopping = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)))
  const stalls = stallReporter(onStalled)

  /** Adds what has arrived, a batch at most, without events at or before `at`: a server may send one again. */
  const take = (subscription: AllStreamSubscription, events: StoredEvent[]): boolean => {
    const before = events.length
    let last = events.at(-1)?.position ?? at
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
    return events.length > before
  }

  /**
   * The client hands over one event for each tick: what is taken at once would be batches of one. A single event is
   * delivered after one tick; where many arrive, they are collected for `collectMs`.
   */
  const arrived = async (subscription: AllStreamSubscription): Promise<readonly StoredEvent[]> => {
    const events: StoredEvent[] = []
    const end = performance.now() + collectMs
    do await (events.length < manyEvents ? setImmediate() : wait(1))
    while (
      (take(subscription, events) || events.length >= manyEvents) &&
      events.length < batchSize &&
      performance.now() < end
    )
    return events
  }

  const deliver = async (events: readonly StoredEvent[]): Promise<void> => {
    stalls.healthy()
    pauseMs = firstPauseMs
    try {
      await onBatch(events)
    } catch (error) {
      throw new BatchFailed('onBatch rejected', { cause: error })
    }
    at = events.at(-1)?.position ?? at
    stalls.healthy()
  }

  let headWhenSilent = start
  /** Whether the subscription stalls: the event that was the head one period ago has still not arrived. */
  const isBehind = async (): Promise<boolean> => {
    const [before, head] = [at, await read.head()]
    if (!isRight(head)) {
      stalls.failed(head.left, false)
      return false
    }
    const order = comparePositions(head.right, at)
    if (order < 0 && before === at) stalls.failed(unknownPosition, true)
    if (order === 0) stalls.healthy()
    const stalling = comparePositions(headWhenSilent, at) > 0
    headWhenSilent = head.right
    return stalling
  }

  /** One connection, until it breaks, stalls, or the subscription is stopped. Resolves with why it ended. */
  const connection = async (): Promise<unknown> => {
    const from = await Promise.race([read.resume(at), stopping])
    if (from === undefined) return undefined
    const filter = streamNameFilter({
      prefixes: [...names.prefixes],
      checkpointInterval,
      checkpointReached: () => {
        stalls.healthy()
        return Promise.resolve()
      },
    })
    const fromPosition = from.commit === start ? START : { commit: BigInt(from.commit), prepare: BigInt(from.prepare) }
    const subscription = client.subscribeToAll({ fromPosition, filter }, { highWaterMark: batchSize })
    const state: { ended?: { readonly error: unknown }; isChecking: boolean } = { isChecking: false }
    headWhenSilent = start
    const end = (error: unknown): void => {
      state.ended ??= { error }
      wake()
    }
    const check = async (): Promise<void> => {
      state.isChecking = true
      try {
        if (await isBehind()) end(new DeadlineExceeded())
      } finally {
        state.isChecking = false
      }
    }
    subscription.on('error', end)
    for (const over of ['end', 'close']) subscription.on(over, () => end(new Error('the connection ended')))
    subscription.on('readable', () => wake())
    try {
      for (;;) {
        if (stopped) return undefined
        const changed = new Promise<void>((resolve) => (wake = resolve))
        const events = await arrived(subscription)
        if (events.length > 0) await deliver(events)
        else if (state.ended !== undefined) return state.ended.error
        else if (!(await resolvesWithin(silenceMs, changed))) {
          // A server that scans sends checkpoints, and no event is missing.
          if (!state.isChecking && performance.now() - stalls.healthyAt() >= silenceMs) void check()
        }
      }
    } finally {
      // Not awaited: without a connection it settles only once there is one.
      void subscription.unsubscribe().catch(() => undefined)
    }
  }

  /** Reports why a connection broke. A position between two records is known by a read, which names it. */
  const explain = async (reason: unknown): Promise<void> => {
    const permanent = permanentFailure(reason, everyStream)
    if (permanent !== null) return stalls.failed(permanent, true)
    const found = errorType(reason) === 'unknown' ? await Promise.race([read.log(at, 1), stopping]) : undefined
    if (found !== undefined && !isRight(found)) return stalls.failed(found.left, found.left === unknownPosition)
    stalls.failed(failureOf(reason, everyStream), false)
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
      try {
        const error = await connection()
        if (error !== undefined) await explain(error)
      } catch (error) {
        if (error instanceof BatchFailed) throw error.cause
        await explain(error)
      }
      if (!stopped) await pause()
    }
  }
  const done = run().catch((error: unknown) => {
    if (!stopped) onError(error)
  })

  return {
    stop: async () => {
      stopped = true
      stop()
      wake()
      await done
    },
  }
}
