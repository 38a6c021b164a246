import type { Position } from '../../domain/event-log/envelope.ts'

/** Reads how far some read models are, once for any number of positions. */
type ReadReached = () => (position: Position) => boolean

interface Waiter {
  readonly position: Position
  readonly readReached: ReadReached
  readonly done: (reached: boolean) => void
}

/** Requests that wait until read models hold a position, each for a bounded time. */
export const positionWaiter = (allReached: ReadReached) => {
  const waiters = new Set<Waiter>()

  return {
    /** True once the position is reached; false after `ms` milliseconds, or at the end. */
    waitFor: (position: Position, ms: number, readReached = allReached): Promise<boolean> =>
      readReached()(position)
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            const done = (reached: boolean): void => {
              clearTimeout(timer)
              waiters.delete(waiter)
              resolve(reached)
            }
            const waiter = { position, readReached, done }
            const timer = setTimeout(done, ms, false)
            waiters.add(waiter)
          }),
    /** To be called after each batch: resolves those whose position is reached now. */
    check: (): void => {
      if (waiters.size === 0) return
      const reached = new Map<ReadReached, (position: Position) => boolean>()
      for (const { position, readReached, done } of waiters) {
        const isReached = reached.get(readReached) ?? readReached()
        reached.set(readReached, isReached)
        if (isReached(position)) done(true)
      }
    },
    /** Resolves all others with false. */
    end: (): void => {
      for (const { done } of waiters) done(false)
    },
  }
}
