/** Work that is asked for often and done together: at once when idle, then taking no more than its share of the time. */

/** One part in so many of the time, at most. */
const share = 20
const leastPauseMs = 5

/** Lets everything else have its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** How long to rest after work of so many ms. */
export const restAfter = (ms: number): number => Math.max(leastPauseMs, ms * share)

export interface Paced {
  /** Does the work soon; asked again meanwhile, once more after it. */
  readonly ask: () => void
  /** Resolves when the work in hand is done and no more will be. */
  readonly stop: () => Promise<void>
}

export const paced = (work: () => Promise<void>, failed: (error: unknown) => void): Paced => {
  let [asked, stopped] = [false, false]
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const run = async (): Promise<void> => {
    asked = false
    const started = performance.now()
    await work().catch(failed)
    const resting = new Promise<void>((resolve) => {
      if (stopped) resolve()
      else timer = setTimeout(resolve, restAfter(performance.now() - started)).unref()
    })
    void resting.then(() => {
      running = undefined
      if (asked && !stopped) running = run()
    })
  }
  return {
    ask: () => {
      asked = true
      if (running === undefined && !stopped) running = run()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
