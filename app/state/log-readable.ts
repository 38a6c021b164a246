import { abortableDelay } from '../../adapters/abortable-delay.ts'
import { UnreadableLog } from '../../domain/event-log/event-store.ts'

/** The delay before another attempt, doubled each time, in ms. */
const retryMs = { first: 100, most: 5_000 }

/**
 * What `read` resolves with, tried again while it throws `UnreadableLog`: a cluster may not be reachable yet, or be away
 * for a moment. Undefined where `resources` are closed meanwhile. What is wrong is logged by the read models, which look
 * too.
 */
export const onceReadable = async <A>(
  read: () => Promise<A>,
  resources: { readonly add: (resource: { readonly close: () => Promise<void> }) => void },
): Promise<A | undefined> => {
  const { delay, abort } = abortableDelay()
  let isOver = false
  resources.add({
    close: () => {
      isOver = true
      abort()
      return Promise.resolve()
    },
  })
  for (let ms = retryMs.first; !isOver; ms = Math.min(2 * ms, retryMs.most)) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof UnreadableLog)) throw error
    }
    if (!isOver) await delay(ms)
  }
  return undefined
}
