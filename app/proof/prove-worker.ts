/** The thread that `proveApart` starts. What it throws is thrown there. */
import { parentPort, workerData } from 'node:worker_threads'
import { openEventStore } from '../event-store.ts'
import { bundleOf, NotProved } from './bundle.ts'
import type { ProofMessage, ProofOrder } from './prove-in-worker.ts'

const say = (message: ProofMessage): void => parentPort?.postMessage(message, [])

const { place, folder, ticket }: ProofOrder = workerData
const store = openEventStore(place)
try {
  say({ tag: 'proved', bundle: await bundleOf(store, folder, ticket) })
} catch (error) {
  if (!(error instanceof NotProved)) throw error
  say({ tag: 'not-proved', reason: error.message })
} finally {
  await store.close()
}
