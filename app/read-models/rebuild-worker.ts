/** The thread that `rebuildApart` starts. What it throws is thrown there. */
import { workerData } from 'node:worker_threads'
import { openEventStore } from '../event-store.ts'
import { sets } from './all.ts'
import type { Order } from './rebuild-apart.ts'
import { rebuild } from './rebuild.ts'

const { place, folder, set, names }: Order = workerData
const store = openEventStore(place)
try {
  const projections = Object.values(sets[set])
  await rebuild({ folder, set, projections, store, onProgress: () => undefined }, names)
} finally {
  await store.close()
}
