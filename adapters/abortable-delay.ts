import { setTimeout as wait } from 'node:timers/promises'

/** Delays of one background loop. `abort` ends the delay that is under way and all later ones at once. */
export const abortableDelay = () => {
  const controller = new AbortController()
  return {
    /** Resolves after so many ms, or as soon as it is aborted; it never rejects. Does not keep the process alive. */
    delay: (ms: number): Promise<void> =>
      wait(ms, undefined, { signal: controller.signal, ref: false }).catch(() => undefined),
    abort: (): void => controller.abort(),
  }
}
