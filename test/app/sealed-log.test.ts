import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../adapters/event-store/eventstoredb/store.ts'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { right } from '../support/command-ports.ts'
import { write } from '../support/event-builder.ts'
import { idsOf } from '../support/client.ts'
import { startCluster } from '../support/cluster.ts'
import { demoClient } from '../support/demo.ts'
import { emptyLog, type ClusterPlace } from '../support/eventstoredb/place.ts'
import { streamName } from '../support/ids.ts'
import { sealStream } from '../../domain/ids.ts'
import { waitForEvents } from '../support/wait-for-events.ts'
import { launcher, ledgerdesk, ledgerdeskIn, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/until.ts'

/** A log that `copy --seal` ended, at the command line and on running servers. */
interface Context {
  root: ReturnType<typeof temporaryFolder>
  place: ClusterPlace
}

const sealing = suite<Context>('copy --seal')
sealing.before.each(async (context) => {
  context.root = temporaryFolder()
  context.place = await emptyLog()
})
sealing.after.each(({ root, place }) => {
  place.close()
  root.remove()
})

const opening = { subject: 'Dark', description: 'x', category: 'other' }

const inFolder = async <A>(folder: string, use: (store: EventStore) => Promise<A>): Promise<A> => {
  const store = openSqliteEventStore({ folder })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
const filled = (folder: string, appends: number, from = 0): Promise<void> =>
  inFolder(folder, async (store) => {
    for (let n = from; n < from + appends; n++) {
      right(await write(store, streamName(`ticket-T-0000000${n % 7}`), `k${n}`, `${n}`))
    }
  })

const copy = (from: string, to: string, ...more: readonly string[]) =>
  ledgerdesk('/nowhere', 'copy', '--from', from, '--to', to, '--seal', ...more)

sealing(
  'a running server takes no more commands and says where the log went, also after a restart',
  async (context) => {
    const { root, place } = context
    const folder = join(root.path, 'here')
    const server = await startServer(folder)
    const ann = await demoClient(server, folder, 'Ann Archer')
    const opened = await ann.post('/v1/tickets', opening, { 'idempotency-key': 'one' })
    assert.is(opened.status, 201)
    const done = await copy(`sqlite:${folder}`, place.connectionString)
    assert.is(done.code, 0, done.stderr)
    const printed = JSON.parse(done.stdout)
    assert.is(printed.sealed, place.connectionString)

    const isRefused = async (client: typeof ann): Promise<void> => {
      const late = await client.post('/v1/tickets', opening)
      assert.is(late.status, 503)
      assert.match(String(late.body['type']), 'log-sealed')
      assert.match(String(late.body['detail']), place.connectionString)
      assert.equal(idsOf((await client.get('/v1/tickets')).body), [opened.body['id']], 'lists are answered')
      const again = await client.post('/v1/tickets', opening, { 'idempotency-key': 'one' })
      assert.equal([again.status, again.body['id']], [opened.status, opened.body['id']], 'what was stored is answered')
    }
    await isRefused(ann)
    const state = async (url: string): Promise<unknown> => {
      const response = await fetch(`${url}/readyz`)
      const { status, reason }: { status: string; reason: string } = JSON.parse(await response.text())
      return [response.status, status, reason]
    }
    const sealedState = [
      503,
      'read-only',
      `the log cannot be written: it is sealed, and goes on at ${place.connectionString}`,
    ]
    await eventually(() => state(server.url), sealedState)
    assert.is(await server.stop(), 0)
    const forgotten = await startServer(folder)
    await isRefused(await demoClient(forgotten, folder, 'Ann Archer'))
    assert.equal(await state(forgotten.url), sealedState)
    assert.is(await forgotten.stop(), 0)
    const verified = await ledgerdesk(folder, 'verify')
    assert.equal([verified.code, JSON.parse(verified.stdout).events], [0, printed.events + 1], verified.stderr)
  },
)

sealing('every server of a cluster refuses commands; the copy goes on in a folder', async ({ root, place }) => {
  const cluster = startCluster(place)
  try {
    const servers = [await cluster.serve(), await cluster.serve()]
    for (const server of servers)
      assert.is((await (await server.as('Ann Archer')).post('/v1/tickets', opening)).status, 201)
    const target = join(root.path, 'there')
    const done = await copy(place.connectionString, `sqlite:${target}`)
    assert.is(done.code, 0, done.stderr)
    for (const server of servers) {
      const late = await (await server.as('Ann Archer')).post('/v1/tickets', opening)
      assert.equal([late.status, String(late.body['detail']).includes(`sqlite:${target}`)], [503, true])
    }
    const restarted = await cluster.serve()
    assert.is((await (await restarted.as('Ann Archer')).post('/v1/tickets', opening)).status, 503)
    const home = await startServer(target)
    const ann = await demoClient(home, target, 'Ann Archer')
    assert.is((await ann.post('/v1/tickets', opening)).status, 201)
    assert.is(idsOf((await ann.get('/v1/tickets')).body).length, 3)
    assert.is(await home.stop(), 0)
  } finally {
    await cluster.close()
  }
})

sealing(
  'nothing is sealed where the rest cannot be copied, or where both places are one log',
  async ({ root, place }) => {
    const folder = join(root.path, 'here')
    await filled(folder, 20)
    const isOpen = (): Promise<boolean> =>
      inFolder(folder, async (store) => right(await store.readStream(sealStream)()).length === 0)
    for (const same of [folder, join(root.path, 'here', '..', 'here')]) {
      const refused = await copy(`sqlite:${folder}`, `sqlite:${same}`)
      assert.is(refused.code, 1, refused.stderr)
      assert.match(refused.stderr, 'must be another log')
      assert.ok(await isOpen())
    }
    const [cluster, otherwise] = [place.connectionString, `${place.connectionString}&defaultDeadline=3000`]
    assert.match((await copy(cluster, otherwise)).stderr, 'must be another log')

    const db = new Sqlite(join(folder, 'log.db'))
    for (const trigger of db
      .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all()) {
      db.exec(`DROP TRIGGER "${trigger}"`)
    }
    db.exec('UPDATE events SET data = \'{"altered":true}\' WHERE position = 15')
    db.close()
    const damaged = await copy(`sqlite:${folder}`, cluster)
    assert.is(damaged.code, 1)
    assert.match(damaged.stderr, '15')
    assert.ok(await isOpen(), 'a log with an event that cannot be copied goes on')
  },
)

sealing('killed in the middle and run again it finishes, and seals once', async ({ root, place }) => {
  const folder = join(root.path, 'here')
  await filled(folder, 400)
  const words = ['copy', '--from', `sqlite:${folder}`, '--to', place.connectionString, '--seal']
  const target = openEventStoreDB(place)
  for (const killAt of [0, 30, 200]) {
    const child = spawn(process.execPath, [launcher, ...words], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    if (killAt > 0) await waitForEvents(target, killAt)
    child.kill('SIGKILL')
    await ended
  }
  await target.close()
  const last = await ledgerdesk('/nowhere', ...words)
  assert.is(last.code, 0, last.stderr)
  assert.is(JSON.parse(last.stdout).events, 400)
  const again = await ledgerdesk('/nowhere', ...words)
  assert.equal([again.code, JSON.parse(again.stdout).copied], [0, 0])
  const elsewhere = await copy(`sqlite:${folder}`, `sqlite:${join(root.path, 'other')}`)
  assert.is(elsewhere.code, 1)
  assert.match(elsewhere.stderr, 'the log is sealed already, and goes on at')
  const plain = await ledgerdesk(
    '/nowhere',
    'copy',
    '--from',
    `sqlite:${folder}`,
    '--to',
    `sqlite:${join(root.path, 'kept')}`,
  )
  assert.equal([plain.code, JSON.parse(plain.stdout).events], [0, 400], 'a sealed log may be copied, without its seal')
})

sealing('a target that has the whole log and went on is left as it is, and the source is sealed', async ({ root }) => {
  const [here, there] = [join(root.path, 'here'), join(root.path, 'there')]
  await filled(here, 20)
  assert.is((await ledgerdesk('/nowhere', 'copy', '--from', `sqlite:${here}`, '--to', `sqlite:${there}`)).code, 0)
  await filled(there, 5, 20)
  const late = await copy(`sqlite:${here}`, `sqlite:${there}`)
  assert.equal([late.code, JSON.parse(late.stdout).copied, JSON.parse(late.stdout).events], [0, 0, 20], late.stderr)
  const appended = await inFolder(here, (store) => write(store, streamName('ticket-T-00000001'), 'x', 'x'))
  assert.equal(appended, { _tag: 'Left', left: { tag: 'LogSealed', to: `sqlite:${there}` } })
  await filled(there, 1, 30)
})

sealing('nothing is sealed where the target is another log, or sealed itself', async ({ root }) => {
  const [here, other, ended] = [join(root.path, 'here'), join(root.path, 'other'), join(root.path, 'ended')]
  await filled(here, 5)
  await filled(other, 5, 1)
  await filled(ended, 5)
  assert.is((await copy(`sqlite:${ended}`, `sqlite:${join(root.path, 'next')}`)).code, 0)
  const different = await copy(`sqlite:${here}`, `sqlite:${other}`)
  assert.equal([different.code, /the target is no copy/.test(different.stderr)], [1, true], different.stderr)
  const sealed = await copy(`sqlite:${here}`, `sqlite:${ended}`)
  assert.equal([sealed.code, /the target is sealed, and goes on at/.test(sealed.stderr)], [1, true], sealed.stderr)
  await filled(here, 1, 5)
})

sealing('events that came after the seal on a cluster are named, and are not copied', async ({ root, place }) => {
  // A server that has not noticed the seal: the store without the check before its appends.
  const unaware = openEventStoreDB(place)
  right(await write(unaware, streamName('ticket-T-00000001'), 'a', '1'))
  const target = `sqlite:${join(root.path, 'there')}`
  assert.is((await copy(place.connectionString, target)).code, 0)
  right(await write(unaware, streamName('ticket-T-00000001'), 'b', '2'))
  await unaware.close()
  const late = await copy(place.connectionString, target)
  assert.is(late.code, 1)
  assert.match(late.stderr, '1 events came after the seal and were not copied: ticket-T-00000001 2')
  assert.is((await ledgerdesk(join(root.path, 'there'), 'export')).stdout.trim().split('\n').length, 1)
})

sealing('export --after wants the position of an event', async ({ root, place }) => {
  const folder = join(root.path, 'here')
  await filled(folder, 5)
  assert.is(
    (await ledgerdesk('/nowhere', 'copy', '--from', `sqlite:${folder}`, '--to', place.connectionString)).code,
    0,
  )
  for (const store of ['sqlite', place.connectionString]) {
    const env = { LEDGERDESK_DATA: folder, LEDGERDESK_EVENT_STORE: store }
    const lines = (await ledgerdeskIn(env, 'export')).stdout.trim().split('\n')
    const at = (n: number): string => String(JSON.parse(lines[n] ?? '{}').position)
    const after = await ledgerdeskIn(env, 'export', '--after', at(2))
    assert.equal(after.stdout.trim().split('\n'), lines.slice(3))
    assert.is((await ledgerdeskIn(env, 'export', '--after', at(4))).stdout, '')
    for (const wrong of [String(BigInt(at(4)) + 1n), String(2n ** 63n)]) {
      const refused = await ledgerdeskIn(env, 'export', '--after', wrong)
      assert.is(refused.code, 1)
      assert.match(refused.stderr, `--after must be 0 or the position of an event, and none stands at ${wrong}`)
    }
  }
})

sealing.run()
