import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freePort } from '../support/free-port.ts'
import { launcher, spawnServer, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** The command line where its output goes to a device that is full. */
const lost = suite('output that cannot be written')

type Output = 'pipe' | number

const run = async (
  data: string,
  words: readonly string[],
  stdout: Output,
  stderr: Output,
  env: NodeJS.ProcessEnv = {},
) => {
  const child = spawn(process.execPath, [launcher, ...words], {
    env: { ...process.env, LEDGERDESK_DATA: data, ...env },
    stdio: ['ignore', stdout, stderr],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, errors }))
  return { child, ended }
}

const onFullDevice = async (use: (full: number, data: string) => Promise<void>): Promise<void> => {
  const folder = temporaryFolder()
  const full = openSync('/dev/full', 'w')
  try {
    await use(full, folder.path)
  } finally {
    closeSync(full)
    folder.remove()
  }
}

lost('results that are lost are a failure, said in one line', () =>
  onFullDevice(async (full, data) => {
    const { code, errors } = await (await run(data, ['token', '--demo', 'Ann Archer'], full, 'pipe')).ended
    assert.is(code, 1)
    assert.match(errors, /^ledgerdesk: the results cannot be written to stdout: [^\n]*ENOSPC[^\n]*\n$/)
  }),
)

lost('a message that is lost changes no exit status', () =>
  onFullDevice(async (full, data) => {
    assert.is((await (await run(data, ['history', 'T-00000001'], 'pipe', full)).ended).code, 1)
    assert.is((await (await run(data, ['no-such-command'], 'pipe', full)).ended).code, 2)
  }),
)

lost('a server whose lines are lost serves, and ends when told', () =>
  onFullDevice(async (full, data) => {
    const port = await freePort()
    const { child, ended } = await run(data, ['serve'], full, full, { PORT: `${port}` })
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status === 200)
    child.kill('SIGTERM')
    assert.is((await ended).code, 0)
  }),
)

const locked = suite('a log that another process has locked')

locked('does not keep a start from ending when told', async () => {
  const folder = temporaryFolder()
  assert.is(await (await startServer(folder.path)).stop(), 0)
  const db = new Sqlite(join(folder.path, 'log.db'))
  db.pragma('locking_mode = EXCLUSIVE')
  db.exec('BEGIN EXCLUSIVE')
  const port = await freePort()
  const server = await spawnServer(folder.path, { PORT: `${port}` })
  await until(() =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  server.process.kill('SIGTERM')
  assert.is(await server.ended, 0)
  const waiting = await spawnServer(folder.path, { PORT: `${port}` })
  await until(() =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  db.close()
  await waiting.serving
  waiting.process.kill('SIGTERM')
  assert.is(await waiting.ended, 0)
  folder.remove()
})

lost.run()
locked.run()
