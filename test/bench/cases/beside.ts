import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { clientOf } from '../../support/client.ts'
import { launcher } from '../../support/server.ts'
import { benchServer } from '../bench-server.ts'
import type { Candidate, Benchmark } from '../benchmark.ts'
import { customerOf } from '../opened-tickets.ts'
import { p99 } from '../figures.ts'
import { size, texts } from '../texts.ts'
import { writeLog } from '../write-log.ts'

const commands = 400
const everyMs = 20
/** More than is imported while the commands run. */
const lines = 100_000

/** A file to import: commands that open tickets, a second apart. */
const recorded = (messages: readonly string[]): string =>
  Array.from({ length: lines }, (_, n) => {
    const text = messages[n % messages.length] ?? ''
    return JSON.stringify({
      key: `c-${n}`,
      at: new Date(Date.UTC(2012, 0, 1, 0, 0, n)).toISOString(),
      ticket: `Case ${n}`,
      actor: customerOf(n, 500),
      command: { type: 'open', subject: text.slice(0, 60), description: text, category: 'other' },
    })
  }).join('\n')

/** The latency of customers' commands while another process works on the same data folder. */
export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const { server, folder, token } = await benchServer(async (path) => {
    const store = openSqliteEventStore({ folder: path })
    await writeLog(store, texts(20_000), 500, size / 5)
    await store.close()
  })
  const ann = clientOf(server.url, token)
  const importFile = join(folder, 'recorded.ndjson')
  writeFileSync(importFile, recorded(texts(20_000)))

  /** Commands that open a ticket, sent at fixed times; latency counts from the time when a command was due. */
  const slowest: Candidate = async () => {
    const taken: Promise<number>[] = []
    const started = performance.now()
    for (let n = 0; n < commands; n++) {
      const due = started + n * everyMs
      await wait(Math.max(0, due - performance.now()))
      const command = async (): Promise<number> => {
        const { status } = await ann.post('/v1/tickets', {
          subject: 'Dark',
          description: 'Since noon',
          category: 'other',
        })
        if (status !== 201) throw new Error(`a command was answered ${status}`)
        return performance.now() - due
      }
      taken.push(command())
    }
    return p99(await Promise.all(taken))
  }

  /** The same while a command of the command line runs, again and again until the last answer. */
  const beside =
    (words: () => readonly string[]): Candidate =>
    async () => {
      const env = { ...process.env, LEDGERDESK_DATA: folder, LOG_LEVEL: 'error' }
      let other: ChildProcess | undefined
      let isDone = false
      const keepBusy = async (): Promise<void> => {
        while (!isDone) {
          other = spawn(process.execPath, [launcher, ...words()], { env, stdio: 'ignore' })
          await once(other, 'exit')
        }
      }
      const busy = keepBusy()
      const figure = await slowest()
      isDone = true
      other?.kill('SIGKILL')
      await busy
      return figure
    }

  let source = 0
  const base = { name: 'beside', unit: 'ms (p99)', better: 'lower', raw: null, peers: { idle: slowest } } as const
  const bar = {
    text: '≤ 3 × an idle machine',
    met: ({ ratios }: { readonly ratios: Readonly<Record<string, number>> }) => (ratios['idle'] ?? 9) <= 3,
  }
  const what = `a command every ${everyMs} ms, while all views are`
  return [
    {
      ...base,
      what: `${what} rebuilt from ${(size / 5).toLocaleString('en')} events`,
      ours: beside(() => ['rebuild']),
      bar,
    },
    {
      ...base,
      what: 'the same while commands are imported',
      ours: beside(() => ['import', importFile, '--source', `source-${source++}`]),
      bar,
    },
  ]
}
