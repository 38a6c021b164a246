import {
  DISPATCH_TO_SINGLE,
  jsonEvent,
  NO_STREAM,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import type { StreamName } from '../../../domain/ids.ts'
import { abortableDelay } from '../../abortable-delay.ts'
import { messageOf } from '../../errors.ts'
import { errorType, permanentFailure, within } from './failures.ts'
import type { StreamNames } from './names.ts'

/** The part of one process in an election. */
export interface Candidacy {
  /** Resigns where this process is the leader, and leaves the election. */
  readonly stop: () => Promise<void>
}

export interface Candidate {
  /** This process is the leader from now on. */
  readonly onElected: () => void
  /** It is the leader no more: another process may already be. */
  readonly onLost: () => void
  /** The cluster refused or broke the candidacy; it is renewed after a second. Called once for each reason. */
  readonly onError: (error: unknown) => void
}

/** The type of an election's only event. */
const electionType = 'Election'

/** The stream of an election; it has none of the prefixes of the log. */
export const electionStream = (name: string): StreamName => `election-${name}` as StreamName

const group = 'ledgerdesk'
const retryMs = 1_000

/** The largest value of the server's fields: leadership ends with the connection, and the event is never parked. */
const unlimited = 2 ** 31 - 1

const ignoring = async (expected: string, work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (errorType(error) !== expected) throw error
  }
}

/**
 * Elects one leader among the processes that share a log. The election is a stream with one event, which no read model
 * follows, and a persistent subscription with the strategy DispatchToSingle: the consumer that receives the event is the
 * leader, and never acknowledges it. When its connection ends, for any reason, the server sends the event to the next
 * consumer (`RemoveClientByConnectionId` in the server's PersistentSubscription). Creating the subscription needs the
 * rights of `$ops`, reading it does not: it is created only where there is none. See
 * docs/adr/0024-cluster-on-eventstoredb.md.
 */
export const joinElection = (
  client: EventStoreDBClient,
  names: StreamNames,
  election: StreamName,
  callMs: number,
  candidate: Candidate,
): Candidacy => {
  const stream = names.onCluster(election)
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    consumerStrategyName: DISPATCH_TO_SINGLE,
    messageTimeout: unlimited,
    maxRetryCount: unlimited,
  })
  let stopped = false
  const { delay, abort } = abortableDelay()
  let wake: () => void = () => undefined
  let stop: () => void = () => undefined
  const stopping = new Promise<void>((resolve) => (stop = resolve))

  const notCreated = (error: unknown): unknown =>
    errorType(error) === 'access-denied'
      ? new Error(
          `the user may not create the persistent subscription ${group} on ${stream}: it needs the rights of $ops once`,
        )
      : error

  const prepare = async (): Promise<void> => {
    const event = jsonEvent({ type: electionType, data: {} })
    const options = { requiresLeader: true, deadline: callMs }
    const append = client.appendToStream(stream, event, { ...options, expectedRevision: NO_STREAM })
    await ignoring('wrong-expected-version', within(callMs, append))
    const create = client.createPersistentSubscriptionToStream(stream, group, settings, options)
    try {
      await ignoring('persistent-subscription-exists', within(callMs, create))
    } catch (error) {
      throw notCreated(error)
    }
  }

  let reported = ''
  const report = (error: unknown): void => {
    const failure = permanentFailure(error, election)
    const reason = failure !== null && 'reason' in failure ? failure.reason : messageOf(error)
    if (reason !== reported) candidate.onError(failure === null ? error : new Error(reason))
    reported = reason
  }

  /** Consumes until the connection ends or `stop` is called. Resolves with the error that ended it, if any. */
  const consume = async (): Promise<unknown> => {
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, {
      bufferSize: 1,
      requiresLeader: true,
    })
    let isLeader = false
    try {
      return await new Promise<unknown>((resolve) => {
        wake = () => resolve(undefined)
        subscription.on('data', () => {
          if (stopped || isLeader) return
          isLeader = true
          candidate.onElected()
        })
        subscription.on('confirmation', () => (reported = ''))
        subscription.on('error', resolve).on('end', resolve).on('close', resolve)
      })
    } finally {
      if (isLeader) candidate.onLost()
      void subscription.unsubscribe().catch(() => undefined)
    }
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        const error = await consume()
        if (errorType(error) === 'persistent-subscription-does-not-exist' && !stopped) {
          await Promise.race([prepare(), stopping])
          continue
        }
        if (error !== undefined) report(error)
      } catch (error) {
        report(error)
      }
      if (stopped) return
      await delay(retryMs, true)
    }
  }
  const done = run()
  return {
    stop: async () => {
      stopped = true
      stop()
      wake()
      abort()
      await done
    },
  }
}
