import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Candidate, Benchmark } from '../benchmark.ts'
import { emmett } from '../peers.ts'
import { size, texts } from '../texts.ts'
import { writeLog } from '../write-log.ts'

const script = join(import.meta.dirname, '../rebuild-once.ts')
let peakMb = 0

const filled = async (events: number): Promise<string> => {
  const { path, remove } = temporaryFolder()
  process.once('exit', remove)
  const store = openSqliteEventStore({ folder: path })
  await writeLog(store, texts(20_000), 500, events)
  await store.close()
  return path
}

/** Ticket list, unread marks, notifications and reports at once, in another process. */
const ours =
  (folder: string): Candidate =>
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, folder])
    const built: { readonly perSecond: number; readonly peakMb: number } = JSON.parse(stdout)
    peakMb = Math.max(peakMb, built.peakMb)
    return built.perSecond
  }

/** Reads the same rows page by page and parses them. */
const raw =
  (folder: string): Candidate =>
  async () => {
    const db = new Sqlite(join(folder, 'log.db'), { readonly: true })
    const page = db
      .prepare<[number], readonly [number, string, string, string]>(
        `SELECT e.position, e.envelope, e.data, p.body FROM events e LEFT JOIN personal p USING (position)
       WHERE e.position > ? ORDER BY e.position LIMIT 1000`,
      )
      .raw()
    const started = performance.now()
    let [at, events] = [0, 0]
    for (;;) {
      const rows = page.all(at)
      const last = rows.at(-1)
      if (last === undefined) break
      for (const [, envelope, data, personal] of rows) {
        JSON.parse(envelope)
        JSON.parse(data)
        JSON.parse(personal)
      }
      at = last[0]
      events += rows.length
    }
    db.close()
    return (events * 1_000) / (performance.now() - started)
  }

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const [tenth, whole] = [await filled(size / 10), await filled(size)]
  const { project } = await emmett()
  const base = { name: 'rebuild', better: 'higher', raw: null, peers: {} } as const
  return [
    {
      ...base,
      what: `${size.toLocaleString('en')} events into list, unread, notifications and reports`,
      unit: 'events/s',
      ours: ours(whole),
      raw: raw(whole),
      peers: {
        emmett: async () => {
          const { path, remove } = temporaryFolder()
          const rate = await project(join(path, 'emmett.db'), 2_000)
          remove()
          return rate
        },
      },
      bar: {
        text: '≥ 0.4 × scan and JSON.parse; ≥ 10 × emmett',
        met: ({ ratios }) => (ratios['raw'] ?? 0) >= 0.4 && (ratios['emmett'] ?? 0) >= 10,
      },
    },
    {
      ...base,
      what: `the rate at ${size.toLocaleString('en')} events beside that at a tenth of them`,
      unit: 'events/s',
      ours: ours(whole),
      peers: { 'a tenth': ours(tenth) },
      bar: { text: '≥ 0.8 × the rate of a tenth', met: ({ ratios }) => (ratios['a tenth'] ?? 0) >= 0.8 },
    },
    {
      ...base,
      what: 'memory of the process that rebuilds, at its peak',
      unit: 'MB',
      better: 'lower',
      ours: () => Promise.resolve(peakMb),
      bar: { text: '< 500 MB', met: ({ ours: figure }) => figure < 500 },
    },
  ]
}
