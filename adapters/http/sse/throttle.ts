/** Work that is asked for often and done together: at once when idle, then taking no more than its share of the time. */

/** One part in so many of the time, at most. */
const share = 40
const leastPauseMs = 5

/** Lets everything else have its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Counts the time of work that lets everything else have its turn in between. */
export const stopwatch = () => {
  let [spent, since] = [0, performance.now()]
  return {
    nextTurn: async (): Promise<void> => {
      spent += performance.now() - since
      await nextTurn()
      since = performance.now()
    },
    /** In ms, without what others did meanwhile. */
    spent: (): number => spent + performance.now() - since,
  }
}
export type Stopwatch = ReturnType<typeof stopwatch>

/** How long to rest after work of so many ms. */
export const restAfter = (ms: number): number => Math.max(leastPauseMs, ms * share)

export interface Paced {
  /** Does the work soon; asked again meanwhile, once more after it. */
  readonly ask: () => void
  /** Resolves when the work in hand is done and no more will be. */
  readonly stop: () => Promise<void>
}

export const paced = (work: (watch: Stopwatch) => Promise<void>, failed: (error: unknown) => void): Paced => {
  let [asked, stopped] = [false, false]
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const run = async (): Promise<void> => {
    asked = false
    const watch = stopwatch()
    await work(watch).catch(failed)
    const resting = new Promise<void>((resolve) => {
      if (stopped) resolve()
      else timer = setTimeout(resolve, restAfter(watch.spent())).unref()
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
