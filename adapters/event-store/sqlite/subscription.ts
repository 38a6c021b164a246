import type { Subscription, StoredEvent } from '../../../domain/event-log/event-store.ts'
import type { Position } from '../../../domain/event-log/envelope.ts'

/** How often a waiting subscription looks for appends of other processes. */
const pollMs = 50

/**
 * Wakes waiting subscriptions when something was appended: by `raise` in this process, by polling `changedElsewhere` for
 * other processes. It polls only once something has waited.
 */
export const changeSignal = (changedElsewhere: () => boolean) => {
  const waiting = new Set<() => void>()
  const raise = (): void => {
    for (const wake of waiting) wake()
    waiting.clear()
  }
  let timer: NodeJS.Timeout | undefined
  return {
    raise,
    /** Resolves at the next change. */
    next: (): Promise<void> =>
      new Promise((resolve) => {
        timer ??= setInterval(() => changedElsewhere() && raise(), pollMs).unref()
        waiting.add(resolve)
      }),
    close: (): void => {
      clearInterval(timer)
      raise()
    },
  }
}

type ChangeSignal = Pick<ReturnType<typeof changeSignal>, 'next' | 'raise'>

/** Delivers one batch at a time; the next one waits for the promise of the last. */
export const subscribe = (
  read: (after: Position) => readonly StoredEvent[],
  signal: ChangeSignal,
  after: Position,
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  let stopped = false
  const run = async (): Promise<void> => {
    let at = after
    while (!stopped) {
      // Taken before the read: an append between the two must not be missed.
      const change = signal.next()
      const events = read(at)
      const last = events.at(-1)
      if (last === undefined) {
        await change
        continue
      }
      await onBatch(events)
      at = last.position
    }
  }
  const done = run().catch((error: unknown) => {
    if (!stopped) onError(error)
  })
  return {
    stop: async () => {
      stopped = true
      signal.raise()
      await done
    },
  }
}
