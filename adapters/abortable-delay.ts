import { setTimeout as wait } from 'node:timers/promises'

/** Delays of one background loop. `abort` ends the delay that is under way and all later ones at once. */
export const abortableDelay = () => {
  const controller = new AbortController()
  return {
    /** Resolves after so many ms, or as soon as it is aborted; it never rejects. It keeps the process alive only if asked. */
    delay: (ms: number, keepsAlive = false): Promise<void> =>
      wait(ms, undefined, { signal: controller.signal, ref: keepsAlive }).catch(() => undefined),
    abort: (): void => controller.abort(),
  }
}
