/** The worker thread of `proveInWorker`, which rejects with what this throws. */
import { parentPort, workerData } from 'node:worker_threads'
import { openEventStore } from '../event-store.ts'
import { proveTicket } from './prove.ts'
import type { ProofRequest, ProofResult } from './prove-in-worker.ts'

const { place, folder, ticket }: ProofRequest = workerData
const store = openEventStore(place)
try {
  const result: ProofResult = await proveTicket(store, folder, ticket)()
  parentPort?.postMessage(result, [])
} finally {
  await store.close()
}
