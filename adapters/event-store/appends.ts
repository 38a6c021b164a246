import { readable, type EventStore, type Subscription, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { envelopeOf, type Position } from '../../domain/event-log/envelope.ts'
import type { CommandId } from '../../domain/ids.ts'
import { abortableDelay } from '../abortable-delay.ts'

/** The command that caused an event. A command writes all its events of one stream in one append. */
const commandOf = (event: StoredEvent): CommandId => envelopeOf(event).commandId

const isSameAppend = (a: StoredEvent, b: StoredEvent): boolean =>
  a.stream === b.stream && b.version === a.version + 1 && commandOf(a) === commandOf(b)

/** Groups a page of the log by append. */
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
 * How many events of a page, counted from its start, form complete appends. An append is stored atomically, so the last
 * one is complete unless the log goes on with an event of it.
 * @throws UnreadableLog
 */
export const wholeAppends = async (store: EventStore, events: readonly StoredEvent[]): Promise<number> => {
  const last = events.at(-1)
  if (last === undefined) return 0
  const [next] = readable(await store.readLog(last.position, 1)())
  if (next === undefined || !isSameAppend(last, next)) return events.length
  return events.length - (appendsOf(events).at(-1)?.length ?? 0)
}

/** Before a failed subscription is opened again, in ms. */
const restartMs = 1_000

/**
 * Subscribes as `EventStore.subscribe`, with two additions: a batch never ends inside an append, and after a failure,
 * which is passed to `onError`, the subscription is opened again at `from()` until it is stopped. `delayMs` is a pause
 * after each batch that was not full, for subscribers that prefer few large batches to many small ones.
 */
export const subscribeToAppends = (
  store: EventStore,
  from: () => Position,
  options: { readonly batchSize: number; readonly delayMs?: number },
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  const { batchSize, delayMs = 0 } = options
  const { delay, abort } = abortableDelay()
  let stopped = false
  let subscription: Subscription | undefined
  let restart: NodeJS.Timeout | undefined

  const failed = (error: unknown): void => {
    onError(error)
    if (!stopped) restart = setTimeout(subscribe, restartMs).unref()
  }
  const open = (): Subscription => {
    let held: readonly StoredEvent[] = []
    return store.subscribe(
      from(),
      { batchSize },
      async (arrived) => {
        const events = [...held, ...arrived]
        const whole = await wholeAppends(store, events)
        held = events.slice(whole)
        if (whole > 0) await onBatch(events.slice(0, whole))
        if (delayMs > 0 && arrived.length < batchSize) await delay(delayMs)
      },
      failed,
    )
  }
  const subscribe = (): void => {
    try {
      subscription = open()
    } catch (error) {
      // `from` reads a database, and this may be a timer.
      failed(error)
    }
  }
  subscribe()

  return {
    stop: async () => {
      stopped = true
      abort()
      clearTimeout(restart)
      await subscription?.stop()
    },
  }
}
