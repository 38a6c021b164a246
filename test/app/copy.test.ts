import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../adapters/event-store/eventstoredb/store.ts'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { right } from '../support/command-ports.ts'
import { write } from '../support/event-builder.ts'
import { emptyLog, writeAside, type ClusterPlace } from '../support/eventstoredb/place.ts'
import { streamName } from '../support/ids.ts'
import { waitForEvents } from '../support/wait-for-events.ts'
import { launcher, ledgerdesk, ledgerdeskIn } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Folder = ReturnType<typeof temporaryFolder>

const copying = suite<{ place: ClusterPlace; one: Folder; two: Folder }>('copying a log')
copying.before.each(async (context) => {
  context.place = await emptyLog()
  context.one = temporaryFolder()
  context.two = temporaryFolder()
})
copying.after.each(({ place, one, two }) => {
  place.close()
  one.remove()
  two.remove()
})

const withStore = async <A>(store: EventStore, use: (store: EventStore) => Promise<A>): Promise<A> => {
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Appends of one to four events to seven streams in rotation. */
const filled = (folder: string, appends: number): Promise<void> =>
  withStore(openSqliteEventStore({ folder }), async (store) => {
    for (let n = 0; n < appends; n++) {
      const bodies = Array.from({ length: 1 + (n % 4) }, (_, each) => `${n}/${each} é`)
      right(await write(store, streamName(`ticket-T-0000000${n % 7}`), `k${n}`, ...bodies))
    }
  })

const withoutPosition = (event: StoredEvent) => ({ ...event, position: '' })
const wholeLog = async (store: EventStore) => right(await store.readLog(start, 10_000)()).map(withoutPosition)

copying('to a cluster and back keeps ids, order, times, metadata and hashes', async ({ place, one, two }) => {
  await filled(one.path, 50)
  await writeAside(place, 5)
  const there = await ledgerdesk('/nowhere', 'copy', '--from', `sqlite:${one.path}`, '--to', place.connectionString)
  assert.is(there.code, 0, there.stderr)
  const back = await ledgerdesk('/nowhere', 'copy', '--from', place.connectionString, '--to', `sqlite:${two.path}`)
  assert.is(back.code, 0, back.stderr)
  const [first, second] = [JSON.parse(there.stdout), JSON.parse(back.stdout)]
  assert.is(first.digest, second.digest)
  assert.equal([first.events, first.streams, second.copied], [123, 7, 123])
  const source = await withStore(openSqliteEventStore({ folder: one.path }), wholeLog)
  assert.equal(await withStore(openEventStoreDB(place), wholeLog), source)
  assert.equal(await withStore(openSqliteEventStore({ folder: two.path }), wholeLog), source)
  const verdicts = []
  for (const LEDGERDESK_EVENT_STORE of ['sqlite', place.connectionString]) {
    const verified = await ledgerdeskIn({ LEDGERDESK_DATA: one.path, LEDGERDESK_EVENT_STORE }, 'verify')
    verdicts.push(JSON.parse(verified.stdout))
  }
  assert.equal(verdicts, [
    { events: 123, ok: true, firstBad: null },
    { events: 123, ok: true, firstBad: null },
  ])
  const again = await ledgerdesk('/nowhere', 'copy', '--from', `sqlite:${one.path}`, '--to', place.connectionString)
  assert.equal(JSON.parse(again.stdout).copied, 0)
})

copying('continues after each kill', async ({ place, one }) => {
  await filled(one.path, 300)
  const words = ['copy', '--from', `sqlite:${one.path}`, '--to', place.connectionString]
  for (const killAt of [20, 200, 400]) {
    const child = spawn(process.execPath, [launcher, ...words], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    await withStore(openEventStoreDB(place), (store) => waitForEvents(store, killAt))
    child.kill('SIGKILL')
    await ended
  }
  const last = await ledgerdesk('/nowhere', ...words)
  assert.is(last.code, 0, last.stderr)
  const { events, copied } = JSON.parse(last.stdout)
  assert.is(events, 750)
  assert.ok(copied > 0 && copied <= 350, `${copied} copied after the last kill`)
  const source = await withStore(openSqliteEventStore({ folder: one.path }), wholeLog)
  assert.equal(await withStore(openEventStoreDB(place), wholeLog), source)
})

copying('refuses a target with other events, and does not change it', async ({ place, one }) => {
  await filled(one.path, 3)
  await withStore(openEventStoreDB(place), (store) => write(store, streamName('ticket-T-00000000'), 'other', 'other'))
  const words = ['copy', '--from', `sqlite:${one.path}`, '--to', place.connectionString]
  const refused = await ledgerdesk('/nowhere', ...words)
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /the target is no copy: it differs from ticket-T-00000000 1/)
  assert.is((await withStore(openEventStoreDB(place), wholeLog)).length, 1)
  const wrong = await ledgerdesk('/nowhere', 'copy', '--from', 'sqlite:', '--to', place.connectionString)
  assert.is(wrong.code, 1)
  assert.match(wrong.stderr, /--from must be sqlite:DIR or esdb/)
  const missing = await ledgerdesk('/nowhere', 'copy', '--from', 'sqlite:/nowhere', '--to', place.connectionString)
  assert.match(missing.stderr, /there is no log in \/nowhere/)
})

copying.run()
