import { parentPort, workerData } from 'node:worker_threads'
import { projectionsOf, setNames, type ModelSet } from '../../projections/registry.ts'
import { openEventStore, type LogPlace } from '../event-store.ts'
import { runInWorker } from '../run-in-worker.ts'
import { compare, type Compared } from './compare.ts'
import { NotRebuilt, rebuild, type Part, type Progress, type RebuildPorts } from './rebuild.ts'

/** What to do, as it is sent to the thread. */
interface Order {
  readonly what: 'rebuild' | 'compare'
  readonly place: LogPlace
  readonly folder: string
  readonly parts: readonly { readonly set: ModelSet; readonly names: readonly string[] }[]
  /** As in `runInWorker`: a draft that is not finished is thrown away. */
  readonly isBackground?: true
}

/** What the thread sends back. */
type Message =
  | { readonly tag: 'progress'; readonly progress: Progress }
  | { readonly tag: 'rebuilt'; readonly events: number }
  | { readonly tag: 'compared'; readonly compared: readonly Compared[] }
  | { readonly tag: 'refused'; readonly reason: string }

/** What lives during a rebuild is a few dozen MB; without a limit V8 lets ten times as much garbage accumulate. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 48 }

const runInThread = <A>(
  order: Order,
  onProgress: (progress: Progress) => void,
  resultOf: (message: Message) => A | undefined,
): Promise<A> => {
  const options = { resourceLimits, isBackground: order.isBackground === true }
  return runInWorker<A>(new URL(import.meta.url), order, options, (worker, resolve, reject) =>
    worker.on('message', (message: Message) => {
      if (message.tag === 'progress') return onProgress(message.progress)
      if (message.tag === 'refused') return reject(new NotRebuilt(message.reason))
      const result = resultOf(message)
      if (result !== undefined) resolve(result)
    }),
  )
}

/** The parts that rebuild these read models, or all where none is named. */
export const partsOf = (names: readonly string[] = []): Order['parts'] =>
  setNames.flatMap((set) => {
    const own = projectionsOf(set).map(({ name }) => name)
    const chosen = own.filter((name) => names.length === 0 || names.includes(name))
    return chosen.length === 0 ? [] : [{ set, names: chosen }]
  })

/**
 * Rebuilds in a thread of its own, so that this one goes on serving; returns the number of events.
 * @throws NotRebuilt as `rebuild`, and Error with what else ended the thread.
 */
export const rebuildInWorker = (
  order: Omit<Order, 'what'>,
  onProgress: (progress: Progress) => void,
): Promise<number> =>
  runInThread({ ...order, what: 'rebuild' }, onProgress, (message) =>
    message.tag === 'rebuilt' ? message.events : undefined,
  )

/** Compares in a thread of its own. @throws NotRebuilt as `compare`. */
export const compareInWorker = (
  order: Omit<Order, 'what'>,
  onProgress: (progress: Progress) => void,
): Promise<readonly Compared[]> =>
  runInThread({ ...order, what: 'compare' }, onProgress, (message) =>
    message.tag === 'compared' ? message.compared : undefined,
  )

/** The thread's side. */
const work = async ({ what, place, folder, parts: ordered }: Order, send: (message: Message) => void) => {
  const store = openEventStore(place)
  try {
    const ports: RebuildPorts = { folder, store, onProgress: (progress) => send({ tag: 'progress', progress }) }
    const parts = ordered.map(({ set, names }): Part => ({ set, names, projections: projectionsOf(set) }))
    if (what === 'compare') send({ tag: 'compared', compared: await compare(ports, parts) })
    else send({ tag: 'rebuilt', events: await rebuild(ports, parts) })
  } catch (error) {
    if (!(error instanceof NotRebuilt)) throw error
    send({ tag: 'refused', reason: error.message })
  } finally {
    await store.close()
  }
}

// This file is also the thread's script. Only its own thread has an order with `what`.
const order: Partial<Order> | null = workerData
if (parentPort !== null && order?.what !== undefined) {
  const port = parentPort
  await work(workerData as Order, (message) => port.postMessage(message, []))
}
