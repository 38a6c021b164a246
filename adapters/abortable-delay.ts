import { setTimeout as wait } from 'node:timers/promises'

/** Rests of one who works in rounds; whoever stops them waits for none, and there are no more. */
export const rests = () => {
  const over = new AbortController()
  return {
    /** Resolves after so many ms, or as soon as all are over. Keeps no process alive. */
    rest: (ms: number): Promise<void> =>
      wait(ms, undefined, { signal: over.signal, ref: false }).catch(() => undefined),
    end: (): void => over.abort(),
  }
}
