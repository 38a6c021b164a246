/** The thread that `rebuildApart` starts. What it throws is thrown there. */
import { parentPort, workerData } from 'node:worker_threads'
import { openEventStore } from '../event-store.ts'
import { projectionsOf } from './sets.ts'
import { compare } from './compare.ts'
import type { Message, Order } from './rebuild-in-worker.ts'
import { NotRebuilt, rebuild, type Part, type RebuildPorts } from './rebuild.ts'

const say = (message: Message): void => parentPort?.postMessage(message, [])

const { what, place, folder, parts: ordered }: Order = workerData
const store = openEventStore(place)
try {
  const ports: RebuildPorts = { folder, store, onProgress: (progress) => say({ tag: 'progress', progress }) }
  const parts: readonly Part[] = ordered.map(({ set, names }) => ({
    set,
    names,
    projections: projectionsOf(set),
  }))
  if (what === 'compare') say({ tag: 'compared', compared: await compare(ports, parts) })
  else say({ tag: 'rebuilt', events: await rebuild(ports, parts) })
} catch (error) {
  if (!(error instanceof NotRebuilt)) throw error
  say({ tag: 'refused', reason: error.message })
} finally {
  await store.close()
}
