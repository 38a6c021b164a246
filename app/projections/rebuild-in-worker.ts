import type { LogPlace } from '../event-store.ts'
import { runInWorker } from '../run-in-worker.ts'
import type { Compared } from './compare.ts'
import type { ModelSet } from './generations.ts'
import { NotRebuilt, type Progress } from './rebuild.ts'

/** What a worker is told to do. */
export interface Order {
  readonly what: 'rebuild' | 'compare'
  readonly place: LogPlace
  readonly folder: string
  readonly parts: readonly { readonly set: ModelSet; readonly names: readonly string[] }[]
  /** As `runInWorker`: what is half built is thrown away. */
  readonly isAside?: true
}

/** What it says. */
export type Message =
  | { readonly tag: 'progress'; readonly progress: Progress }
  | { readonly tag: 'rebuilt'; readonly events: number }
  | { readonly tag: 'compared'; readonly compared: readonly Compared[] }
  | { readonly tag: 'refused'; readonly reason: string }

/** What lives while a rebuild folds is a few dozen MB; without a bound V8 lets ten times as much garbage lie. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 48 }

const runApart = <A>(
  order: Order,
  onProgress: (progress: Progress) => void,
  done: (message: Message) => A | undefined,
): Promise<A> => {
  const options = { resourceLimits, isBackground: order.isAside === true }
  return runInWorker<A>(new URL('rebuild-worker.ts', import.meta.url), order, options, (worker, answer, refuse) =>
    worker.on('message', (message: Message) => {
      if (message.tag === 'progress') return onProgress(message.progress)
      if (message.tag === 'refused') return refuse(new NotRebuilt(message.reason))
      const value = done(message)
      if (value !== undefined) answer(value)
    }),
  )
}

type Ordered = Omit<Order, 'what'>

/**
 * Rebuilds these projections in a thread of their own, so that this one goes on answering.
 * @throws NotRebuilt as `rebuild`, and Error with what else ended it.
 */
export const rebuildApart = (order: Ordered, onProgress: (progress: Progress) => void): Promise<number> =>
  runApart({ ...order, what: 'rebuild' }, onProgress, (message) =>
    message.tag === 'rebuilt' ? message.events : undefined,
  )

/** Compares them likewise. @throws NotRebuilt as `compare`. */
export const compareApart = (order: Ordered, onProgress: (progress: Progress) => void): Promise<readonly Compared[]> =>
  runApart({ ...order, what: 'compare' }, onProgress, (message) =>
    message.tag === 'compared' ? message.compared : undefined,
  )
