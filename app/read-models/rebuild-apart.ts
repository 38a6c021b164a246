import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LogPlace } from '../event-store.ts'
import type { ModelSet } from './generations.ts'

/** What a worker is told to rebuild. */
export interface Order {
  readonly place: LogPlace
  readonly folder: string
  readonly set: ModelSet
  readonly names: readonly string[]
}

/**
 * Rebuilds these projections of a set in a thread of their own, so that this one goes on answering.
 * @throws Error with what ended it.
 */
export const rebuildApart = async (order: Order): Promise<void> => {
  const worker = new Worker(new URL('rebuild-worker.ts', import.meta.url), { workerData: order })
  // A server that is told to stop does not wait for it: what is half built is thrown away.
  worker.unref()
  const [code] = await once(worker, 'exit')
  if (code !== 0) throw new Error(`the rebuild ended with ${code}`)
}
