import type { Subscription } from '../../domain/event-log/event-store.ts'

/** What a store has running and stops when it is closed. */
export const stoppables = () => {
  const stops = new Set<() => Promise<void>>()
  return {
    /** The same, stopped by `stopAll` unless it was stopped before. */
    add: (running: Subscription): Subscription => {
      const stop = async (): Promise<void> => {
        stops.delete(stop)
        await running.stop()
      }
      stops.add(stop)
      return { stop }
    },
    /** Resolves when all have stopped. */
    stopAll: async (): Promise<void> => {
      await Promise.all([...stops].map((stop) => stop()))
    },
  }
}
