import { isRight } from 'fp-ts/lib/Either.js'
import { abortableDelay } from '../../adapters/abortable-delay.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'

/** The delay before another look, doubled each time, in ms. */
const retryMs = { first: 100, most: 5_000 }

/**
 * Resolves once the log can be read, or when `resources` are closed: a cluster may not be reachable yet. What is wrong is
 * logged by the read models, which look too.
 */
export const logReadable = async (
  store: Pick<EventStore, 'head'>,
  resources: { readonly add: (resource: { readonly close: () => Promise<void> }) => void },
): Promise<void> => {
  const { delay, abort } = abortableDelay()
  let isOver = false
  resources.add({
    close: () => {
      isOver = true
      abort()
      return Promise.resolve()
    },
  })
  for (let ms = retryMs.first; !isOver && !isRight(await store.head()()); ms = Math.min(2 * ms, retryMs.most)) {
    if (!isOver) await delay(ms)
  }
}
