import type { ReadModelLog } from './log-subscription.ts'

/**
 * Rebuilds these read models into the next generation of their set, and reports which share of the log is done (0 to 1).
 * Rejects where it cannot.
 */
export type Rebuild = (names: readonly string[], onProgress: (share: number) => void) => Promise<void>

/** Runs rebuilds in the background, and knows how far the present one is. */
export const backgroundRebuild = (rebuild: Rebuild, log: ReadModelLog) => {
  let progress: number | null = null
  return {
    /** The share of the log that is done; null while none is running in this process. */
    progress: (): number | null => progress,
    /** Resolves with whether it was done; why not is logged. */
    run: async (names: readonly string[], remedy: string): Promise<boolean> => {
      progress = 0
      try {
        await rebuild(names, (share) => (progress = share))
        return true
      } catch (error) {
        log.error({ err: error }, `the read models could not be rebuilt; ${remedy}`)
        return false
      } finally {
        progress = null
      }
    },
  }
}
