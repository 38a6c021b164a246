import { comparePositions, type Position } from '../../domain/event-log/envelope.ts'

interface Waiter {
  readonly position: Position
  readonly done: (reached: boolean) => void
}

/** Those who wait for the read models to hold a position, each for a bounded time. */
export const waitingRoom = (checkpoint: () => Position) => {
  const waiters = new Set<Waiter>()
  const holds = (position: Position): boolean => comparePositions(checkpoint(), position) >= 0

  return {
    /** True once the position is held; false when the time (in ms) is up first. */
    waitFor: (position: Position, ms: number): Promise<boolean> =>
      holds(position)
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            const done = (reached: boolean): void => {
              clearTimeout(timer)
              waiters.delete(waiter)
              resolve(reached)
            }
            const waiter = { position, done }
            const timer = setTimeout(done, ms, false)
            waiters.add(waiter)
          }),
    /** Lets those go whose position is held. */
    call: (): void => {
      if (waiters.size === 0) return
      const at = checkpoint()
      for (const waiter of waiters) if (comparePositions(at, waiter.position) >= 0) waiter.done(true)
    },
    sendAway: (): void => {
      for (const waiter of waiters) waiter.done(false)
    },
  }
}
