import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { seededRandom } from '../support/arbitrary.ts'
import { right } from '../support/command-ports.ts'
import { demoToken } from '../support/demo.ts'
import { freePort } from '../support/free-port.ts'
import { ledgerdesk, spawnServer, type SpawnedServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { canInject, faultyEnvironment } from './inject.ts'
import { startLoad } from './acknowledged.ts'

/**
 * Kills, full disks and errors of the disk in random order, under load. `LEDGERDESK_SOAK_MINUTES` says for how long;
 * without it a soak run takes ten minutes, and a usual run a few faults.
 */
const isSoak = process.env['LEDGERDESK_SOAK'] === '1'
const minutes = Number(process.env['LEDGERDESK_SOAK_MINUTES'] ?? (isSoak ? 10 : 0))
const leastFaults = 8

const soak = suite('a server under kills, full disks and errors')

/** How the paths of the files end that fail. */
const files = [
  'log.db-wal',
  'log.db',
  '-wal',
  '.db',
  'generations.db',
  'mail.db-wal',
  'proofs.db-wal',
  'reports.db-wal',
]
const operations = ['read', 'write', 'sync', 'open'] as const
/** What the fault library can hold for one process. */
const faultsPerProcess = 14

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Running {
  readonly server: SpawnedServer
  readonly inject: ReturnType<typeof faultyEnvironment>['inject']
  faults: number
}

const run = async (): Promise<void> => {
  const folder = temporaryFolder()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const random = seededRandom()
  const below = (most: number): number => Math.floor(random() * most)
  const pick = <A>(list: readonly A[]): A => list[below(list.length)] as A
  const counts = { kills: 0, full: 0, errors: 0, restarts: 0 }
  let longestEnd = 0

  const begin = async (): Promise<Running> => {
    const { env, inject } = faultyEnvironment()
    const server = await spawnServer(folder.path, { ...env, PORT: `${port}`, LEDGERDESK_RATE_LIMIT: '1000000' })
    return { server, inject, faults: 0 }
  }
  const state = async (): Promise<{ status: string; reason: string | null } | null> =>
    fetch(`${url}/readyz`)
      .then(async (response) => (await response.json()) as { status: string; reason: string | null })
      .catch(() => null)

  let running = await begin()
  await running.server.serving
  const load = startLoad(() => url, await demoToken(folder.path, 'Ann Archer'), random)

  const kill = async (): Promise<void> => {
    counts.kills++
    running.server.process.kill('SIGKILL')
    await running.server.ended
    running = await begin()
    // Half of them are killed while they start.
    if (random() < 0.5) await running.server.serving
    await wait(below(800))
  }
  const restart = async (): Promise<void> => {
    counts.restarts++
    const told = performance.now()
    running.server.process.kill('SIGTERM')
    assert.is(await running.server.ended, 0, 'a server that is told to end ends with status 0')
    longestEnd = Math.max(longestEnd, performance.now() - told)
    running = await begin()
  }
  const fail = async (): Promise<void> => {
    await running.server.serving
    const isFull = random() < 0.5
    counts[isFull ? 'full' : 'errors']++
    running.faults++
    const fault = running.inject({
      operation: isFull ? 'write' : pick(operations),
      file: pick(files),
      error: isFull ? 'ENOSPC' : 'EIO',
      skip: below(5),
      ...(random() < 0.5 ? { times: 1 + below(3) } : {}),
    })
    await wait(50 + below(600))
    fault.end()
    assert.is(running.server.process.exitCode, null, 'no error of the disk ends the server')
    let now = await state()
    await until(async () => {
      now = await state()
      return now?.status === 'ready' || now?.reason?.includes('restart') === true
    })
    if (now?.status !== 'ready' || running.faults >= faultsPerProcess) await restart()
  }

  const end = Date.now() + minutes * 60_000
  let reported = Date.now()
  for (let faults = 0; faults < leastFaults || Date.now() < end; faults++) {
    await (random() < 0.6 ? kill() : fail())
    if (Date.now() - reported > 60_000) {
      reported = Date.now()
      console.log(JSON.stringify({ ...counts, acknowledged: load.acknowledged() }))
    }
  }
  await load.stop()
  await running.server.serving
  await restart()
  await running.server.serving
  running.server.process.kill('SIGTERM')
  assert.is(await running.server.ended, 0)

  const store = openSqliteEventStore({ folder: folder.path })
  const events = []
  for (let at = start; ;) {
    const page = right(await store.readLog(at, 1_000)())
    events.push(...page)
    const last = page.at(-1)
    if (last === undefined) break
    at = last.position
  }
  await store.close()
  const statuses = Object.fromEntries(load.statuses)
  const measured = { ...counts, acknowledged: load.acknowledged(), longestEndMs: Math.round(longestEnd), statuses }
  console.log(`measured: ${JSON.stringify(measured)}`)
  assert.equal(load.check(events), [])
  // Controls: a log that lost everything, and one that holds it twice.
  assert.ok(load.check([]).length === load.acknowledged() && load.check([...events, ...events]).length > 0)
  const verified = await ledgerdesk(folder.path, 'verify')
  assert.is(verified.code, 0, verified.stdout + verified.stderr)
  const compared = await ledgerdesk(folder.path, 'rebuild', '--check')
  assert.is(compared.code, 0, compared.stdout + compared.stderr)
  folder.remove()
}

if (canInject) soak('nothing acknowledged is lost or stored twice, and it goes on', run)
else skipHere(import.meta.filename)

soak.run()
