/** The most queries of one caller that run at a time, and that wait. */
const mostRunning = 2
const mostWaiting = 20

export interface FairQueue<A> {
  /** False where the caller has as many waiting as may wait. */
  readonly add: (caller: string, item: A) => boolean
  /** The next item to run, round-robin over the callers; undefined where nothing may run. */
  readonly take: () => A | undefined
  /** An item of the caller that was taken is done. */
  readonly done: (caller: string) => void
}

/** A queue that serves callers round-robin, each with its own items in their order. */
export const fairQueue = <A>(): FairQueue<A> => {
  /** In the order in which they are served: a caller who was served moves to the end. */
  const waiting = new Map<string, A[]>()
  const running = new Map<string, number>()
  return {
    add: (caller, item) => {
      const own = waiting.get(caller) ?? []
      if (own.length >= mostWaiting) return false
      own.push(item)
      waiting.set(caller, own)
      return true
    },
    take: () => {
      for (const [caller, own] of waiting) {
        const active = running.get(caller) ?? 0
        if (active >= mostRunning) continue
        const item = own.shift()
        waiting.delete(caller)
        if (own.length > 0) waiting.set(caller, own)
        running.set(caller, active + 1)
        return item
      }
      return undefined
    },
    done: (caller) => {
      const active = (running.get(caller) ?? 0) - 1
      if (active > 0) running.set(caller, active)
      else running.delete(caller)
    },
  }
}
