import { readable, type EventStore, type Subscription, type StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Envelope, Position } from '../../domain/event-log/envelope.ts'
import { rests } from '../abortable-delay.ts'

/** Which command wrote an event: all of one command and stream is one append. */
const commandOf = ({ envelope }: StoredEvent): string => {
  const { commandId }: Envelope = JSON.parse(envelope)
  return commandId
}

const isSameAppend = (a: StoredEvent, b: StoredEvent): boolean =>
  a.stream === b.stream && b.version === a.version + 1 && commandOf(a) === commandOf(b)

/** The events of a part of the log, append by append. */
export const appendsOf = (events: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] => {
  const appends: StoredEvent[][] = []
  let last: StoredEvent | undefined
  for (const event of events) {
    if (last !== undefined && isSameAppend(last, event)) appends.at(-1)?.push(event)
    else appends.push([event])
    last = event
  }
  return appends
}

/**
 * How many of these events, read from the log in one page, are whole appends: an append is stored whole, so where the
 * log ends after the last of them nothing is missing. @throws Error where the log cannot be read.
 */
export const wholeAppends = async (store: EventStore, events: readonly StoredEvent[]): Promise<number> => {
  const last = events.at(-1)
  if (last === undefined) return 0
  const [next] = readable(await store.readLog(last.position, 1)())
  if (next === undefined || !isSameAppend(last, next)) return events.length
  return events.length - (appendsOf(events).at(-1)?.length ?? 0)
}

/** Waits before another attempt after a following broke, in ms. */
const restartMs = 1_000

/**
 * Follows the log as `EventStore.follow` does, hands over no part of an append without the rest of it, and begins again
 * at `from` after whatever broke, until stopped. `onError` hears of each time. `restMs` is how long whoever has time
 * rests after a batch that was not full, so that what comes meanwhile comes as one.
 */
export const followAppends = (
  store: EventStore,
  from: () => Position,
  options: { readonly batchSize: number; readonly restMs?: number },
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  const { batchSize, restMs = 0 } = options
  const { rest, end } = rests()
  let stopped = false
  let subscription: Subscription | undefined
  let again: NodeJS.Timeout | undefined

  const subscribe = (): void => {
    let held: readonly StoredEvent[] = []
    subscription = store.subscribe(
      from(),
      { batchSize },
      async (arrived) => {
        const events = [...held, ...arrived]
        const whole = await wholeAppends(store, events)
        held = events.slice(whole)
        if (whole > 0) await onBatch(events.slice(0, whole))
        if (restMs > 0 && arrived.length < batchSize) await rest(restMs)
      },
      (error) => {
        onError(error)
        if (!stopped) again = setTimeout(subscribe, restartMs).unref()
      },
    )
  }
  subscribe()

  return {
    stop: async () => {
      stopped = true
      end()
      clearTimeout(again)
      await subscription?.stop()
    },
  }
}
