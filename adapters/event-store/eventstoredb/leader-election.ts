import {
  DISPATCH_TO_SINGLE,
  jsonEvent,
  NO_STREAM,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { kindOf, within } from './trouble.ts'

/** Work that one process at a time does, of all that share a log. */
export interface Turn {
  /** Gives the turn back, or ceases to wait for it. */
  readonly stop: () => Promise<void>
}

export interface TurnTaker {
  /** This process has the turn from now on. */
  readonly onTurn: () => void
  /** It has it no more: another process may begin at once. */
  readonly onLost: () => void
  /** The cluster does not let us take part; it is asked again. */
  readonly onTrouble: (error: unknown) => void
}

const group = 'ledgerdesk'
const retryMs = 1_000

/** The most that the server's fields hold: the turn is held by a connection, and never parked. */
const forever = 2 ** 31 - 1

const unless = async (known: string, work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (kindOf(error) !== known) throw error
  }
}

/**
 * Waits for a turn that the cluster gives. There is one event, in a stream that no read model follows, and a persistent
 * subscription that dispatches to a single consumer: whoever is sent the event has the turn, and never acknowledges it.
 * When its connection ends, however it ends, the server sends the event to the next (PersistentSubscription,
 * RemoveClientByConnectionId). Making the subscription takes the rights of `$ops` once.
 */
export const takeTurns = (client: EventStoreDBClient, stream: string, ms: number, taker: TurnTaker): Turn => {
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    consumerStrategyName: DISPATCH_TO_SINGLE,
    messageTimeout: forever,
    maxRetryCount: forever,
  })
  let stopped = false
  let leave: () => void = () => undefined

  const prepare = async (): Promise<void> => {
    const event = jsonEvent({ type: 'Turn', data: {} })
    const options = { requiresLeader: true, deadline: ms }
    const put = client.appendToStream(stream, event, { ...options, expectedRevision: NO_STREAM })
    await unless('wrong-expected-version', within(ms, put))
    const made = client.createPersistentSubscriptionToStream(stream, group, settings, options)
    await unless('persistent-subscription-exists', within(ms, made))
  }

  /** Stands in line until the connection ends; answers why it did. */
  const stand = async (): Promise<unknown> => {
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, {
      bufferSize: 1,
      requiresLeader: true,
    })
    let has = false
    try {
      return await new Promise<unknown>((resolve) => {
        leave = () => resolve(undefined)
        subscription.on('data', () => {
          if (stopped || has) return
          has = true
          taker.onTurn()
        })
        subscription.on('error', resolve).on('end', resolve).on('close', resolve)
      })
    } finally {
      if (has) taker.onLost()
      void subscription.unsubscribe().catch(() => undefined)
    }
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await prepare()
        if (stopped) return
        const error = await stand()
        if (error !== undefined) taker.onTrouble(error)
      } catch (error) {
        taker.onTrouble(error)
      }
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, retryMs)
        leave = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const done = run()
  return {
    stop: async () => {
      stopped = true
      leave()
      await done
    },
  }
}
