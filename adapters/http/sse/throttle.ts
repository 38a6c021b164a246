/** Lets work that is requested often run at most a bounded share of the time, however often it is requested. */

/** The share of the time: one part in so many. */
const share = 40
const leastPauseMs = 5

export const yieldToEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Measures the time of work that yields to the event loop in between. */
export const stopwatch = () => {
  let [spent, since] = [0, performance.now()]
  return {
    yieldToEventLoop: async (): Promise<void> => {
      spent += performance.now() - since
      await yieldToEventLoop()
      since = performance.now()
    },
    /** In ms, without the time of others. */
    spent: (): number => spent + performance.now() - since,
  }
}
export type Stopwatch = ReturnType<typeof stopwatch>

/** How long to pause after work of so many ms. */
export const pauseAfter = (ms: number): number => Math.max(leastPauseMs, ms * share)

export interface Throttle {
  /** Runs the work at once when idle, else once more after the present run and its pause. */
  readonly request: () => void
  /** Resolves when the present run has ended; none starts afterwards. */
  readonly stop: () => Promise<void>
}

export const throttle = (work: (watch: Stopwatch) => Promise<void>, onError: (error: unknown) => void): Throttle => {
  let [isRequested, isStopped] = [false, false]
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const run = async (): Promise<void> => {
    isRequested = false
    const watch = stopwatch()
    await work(watch).catch(onError)
    const pause = new Promise<void>((resolve) => {
      if (isStopped) resolve()
      else timer = setTimeout(resolve, pauseAfter(watch.spent())).unref()
    })
    void pause.then(() => {
      running = undefined
      if (isRequested && !isStopped) running = run()
    })
  }
  return {
    request: () => {
      isRequested = true
      if (running === undefined && !isStopped) running = run()
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
