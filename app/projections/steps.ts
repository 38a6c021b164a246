import { setImmediate as nextTick } from 'node:timers/promises'

/** The event loop is held for so long by one step, in ms: other requests wait that long. */
const stepMs = 20
/** A step is a transaction: a few events more cost little, so none is smaller. */
const size = { least: 20, first: 100, most: 1_000 }

/**
 * Does work on many items in steps of about `stepMs`, with other work of the event loop in between. The number of items
 * in a step follows from the time that the last one took. `isStopped` is read before each step.
 */
export const inSteps = <A>(work: (items: readonly A[]) => void, isStopped: () => boolean) => {
  let step = size.first
  const measure = (ms: number): void => {
    const fitting = (step * stepMs) / Math.max(1, ms)
    step = Math.round(Math.min(size.most, 2 * step, Math.max(size.least, fitting)))
  }
  return async (items: readonly A[]): Promise<void> => {
    for (let at = 0; at < items.length && !isStopped();) {
      // Also before the first step of many: their reading has held the event loop already.
      if (items.length > step) await nextTick()
      const part = items.slice(at, at + step)
      const started = performance.now()
      work(part)
      if (part.length === step) measure(performance.now() - started)
      at += part.length
    }
  }
}
