import type { Subscription, StoredEvent } from '../../../domain/event-log/event-store.ts'
import type { Position } from '../../../domain/event-log/envelope.ts'

/** How often a follower looks for what other processes appended. */
const pollMs = 50

/** A bell that rings when something was appended: at once for this process, by polling for others. */
export const bell = (changedElsewhere: () => boolean) => {
  const waiting = new Set<() => void>()
  const ring = (): void => {
    for (const wake of waiting) wake()
    waiting.clear()
  }
  let timer: NodeJS.Timeout | undefined
  return {
    ring,
    wait: (): Promise<void> =>
      new Promise((resolve) => {
        timer ??= setInterval(() => changedElsewhere() && ring(), pollMs).unref()
        waiting.add(resolve)
      }),
    close: (): void => {
      clearInterval(timer)
      ring()
    },
  }
}

/** Hands over one batch at a time; the next waits for the promise of the last. */
export const subscribe = (
  read: (after: Position) => readonly StoredEvent[],
  waitForMore: () => Promise<void>,
  wakeAll: () => void,
  after: Position,
  onBatch: (events: readonly StoredEvent[]) => Promise<void>,
  onError: (error: unknown) => void,
): Subscription => {
  let stopped = false
  const run = async (): Promise<void> => {
    let at = after
    while (!stopped) {
      // Asked for before reading, so that an append between the two is not slept through.
      const more = waitForMore()
      const events = read(at)
      const last = events.at(-1)
      if (last === undefined) {
        await more
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
      wakeAll()
      await done
    },
  }
}
