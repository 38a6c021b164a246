import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { partsOf, rebuildInWorker } from '../../../app/projections/rebuild-in-worker.ts'
import { clientOf } from '../../support/client.ts'
import { demoToken } from '../../support/demo.ts'
import { startServer, type RunningServer } from '../../support/server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Candidate, Benchmark } from '../benchmark.ts'
import { size, texts } from '../texts.ts'
import { writeLog } from '../write-log.ts'

/** A data folder with `size` events and all read models, search included. */
const filled = async (): Promise<string> => {
  const { path: folder, remove } = temporaryFolder()
  process.once('exit', remove)
  const store = openSqliteEventStore({ folder })
  await writeLog(store, texts(50_000), 500, size)
  await store.close()
  await rebuildInWorker({ place: { folder }, folder, parts: partsOf() }, () => undefined)
  return folder
}

/** Seconds from the start of the process to the first list response. `end` decides from what the next run starts. */
const startIn =
  (folder: string, token: string, end: (server: RunningServer) => Promise<unknown>): Candidate =>
  async () => {
    const started = performance.now()
    const server = await startServer(folder)
    const { status } = await clientOf(server.url, token).get('/v1/tickets?limit=50')
    const seconds = (performance.now() - started) / 1_000
    if (status !== 200) throw new Error(`the first answer was ${status}`)
    const found = await clientOf(server.url, token).get('/v1/tickets?view=archive&q=server')
    if (found.status !== 200) throw new Error(`the first search was ${found.status}`)
    // After a kill the read models have at least this to catch up with.
    await clientOf(server.url, token).post('/v1/tickets', { subject: 'One more', description: 'x', category: 'other' })
    await end(server)
    return seconds
  }

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const folder = await filled()
  const token = await demoToken(folder, 'Ann Archer')
  const empty = temporaryFolder()
  process.once('exit', empty.remove)
  const emptyToken = await demoToken(empty.path, 'Ann Archer')
  const base = { name: 'start', unit: 's', better: 'lower', raw: null } as const
  const bar = { text: '≤ 1.5 s', met: ({ ours }: { readonly ours: number }) => ours <= 1.5 }
  const peers = { 'an empty log': startIn(empty.path, emptyToken, ({ stop }) => stop()) }
  const what = `to the first list, ${size.toLocaleString('en')} events behind it`
  return [
    { ...base, what: `${what}, after a clean stop`, ours: startIn(folder, token, ({ stop }) => stop()), peers, bar },
    { ...base, what: `${what}, after kill -9`, ours: startIn(folder, token, ({ kill }) => kill()), peers, bar },
  ]
}
