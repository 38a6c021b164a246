import { setImmediate as nextTick } from 'node:timers/promises'

/** One step holds the event loop for about so long, in ms: other requests wait that long. */
export const stepMs = 20
/** So few items are done at once: their reading took no time either. */
const few = 20

/**
 * Does work on all items in steps, with other work of the event loop in between. `step` does as many of the first items
 * as fit its time, at least one, and returns how many it did. `isStopped` is read before each step.
 */
export const inSteps = async <A>(
  items: readonly A[],
  step: (items: readonly A[]) => number,
  isStopped: () => boolean,
): Promise<void> => {
  for (let at = 0; at < items.length && !isStopped();) {
    if (at > 0 || items.length > few) await nextTick()
    at += step(at === 0 ? items : items.slice(at))
  }
}
