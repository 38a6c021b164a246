import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { positionOf, start } from '../../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { refused, right } from '../../support/command-ports.ts'
import { bodiesOf, write } from '../../support/event-builder.ts'
import type { Fault } from '../../support/eventstoredb/faults.ts'
import { isReal } from '../../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'
import { streamName } from '../../support/ids.ts'
import { skipHere } from '../../support/skips.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const s = streamName('ticket-T-00000001')

interface Context {
  standIn: StandIn
  folder: ReturnType<typeof temporaryFolder>
  stores: EventStore[]
  searched: number[]
}

const foreign = suite<Context>("a log on EventStoreDB among other programs' events")
foreign.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.folder = temporaryFolder()
  context.stores = []
  context.searched = []
})
foreign.after.each(async ({ standIn, folder, stores }) => {
  await Promise.all(stores.map((store) => store.close()))
  standIn.close()
  folder.remove()
})

/** A store with the file of its folder. Its calls may take 1.5 s, which a busy machine keeps to. */
const opened = ({ standIn, folder, stores, searched }: Context): EventStore => {
  const store = openEventStoreDB({
    connectionString: `${standIn.connectionString}&defaultDeadline=1500`,
    searchedFile: join(folder.path, 'searched.json'),
    onSearch: (seconds) => searched.push(seconds),
  })
  stores.push(store)
  return store
}

/** Passing over 20,000 events takes twice as long as a call may. */
const manyForeign = ({ standIn }: Context): void => {
  standIn.log.putForeign(20_000)
  standIn.faults.scanMs = 150
}

foreign('is found however many stand before and behind it, and the search is reported', async (context) => {
  const store = opened(context)
  context.standIn.log.putForeign(20_000)
  const { position } = right(await write(store, s, 'a', '1', '2'))
  manyForeign(context)
  assert.is(right(await store.head()()), position)
  assert.ok(context.searched.length > 0)
  assert.equal(bodiesOf(right(await store.readLog(start, 10)())), ['1', '2'])
  assert.equal(right(await store.readLog(position, 10)()), [])
})

foreign('is not searched again by the same store, nor by the next one with its file', async (context) => {
  const first = opened(context)
  context.standIn.log.putForeign(20_000)
  const { position } = right(await write(first, s, 'a', '1', '2'))
  manyForeign(context)
  assert.is(right(await first.head()()), position)
  right(await first.readLog(start, 1)())
  // From now on, passing over what was searched would take minutes.
  context.standIn.faults.scanMs = 60_000
  context.searched.length = 0
  assert.is(right(await first.head()()), position)
  await first.close()
  const second = opened(context)
  assert.is(right(await second.head()()), position)
  assert.equal(bodiesOf(right(await second.readLog(start, 10)())), ['1', '2'])
  assert.equal(right(await second.readLog(position, 10)()), [])
  const got: unknown[] = []
  const { position: next } = await new Promise<{ position: unknown }>((resolve, reject) => {
    const written = write(second, s, 'b', '3')
    const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
      got.push(...bodiesOf(events))
      resolve(right(await written))
    }
    second.subscribe(position, { batchSize: 10 }, onBatch, reject)
  })
  assert.equal(got, ['3'])
  assert.is(right(await second.head()()), next)
  assert.equal(context.searched, [])
  // What stands between two events is passed over by whoever reads both.
  context.standIn.faults.scanMs = 0
  assert.equal(bodiesOf(right(await second.readLog(start, 10)())), ['1', '2', '3'])
})

foreign('is searched for what is new alone, by any number of calls at a time', async (context) => {
  const { standIn } = context
  const store = opened(context)
  right(await write(store, s, 'a', '1'))
  standIn.log.putForeign(20_000)
  right(await store.head()())
  standIn.faults.scanMs = 60_000
  // The calls overlap with each other and with what others write.
  standIn.faults.before = async (method): Promise<Fault> => {
    if (method === 'readAll') standIn.log.putForeign(1)
    await new Promise((resolve) => setImmediate(resolve))
    return 'none'
  }
  const heads = await Promise.all(Array.from({ length: 20 }, () => store.head()()))
  assert.is(new Set(heads.map((head) => right(head))).size, 1)
})

foreign('with nothing of its own is searched once, and its first event found afterwards', async (context) => {
  manyForeign(context)
  const store = opened(context)
  assert.is(right(await store.head()()), start)
  context.standIn.faults.scanMs = 60_000
  assert.is(right(await store.head()()), start)
  assert.equal(right(await store.readLog(start, 10)()), [])
  const { position } = right(await write(store, s, 'a', '1'))
  assert.is(right(await store.head()()), position)
  assert.equal(bodiesOf(right(await store.readLog(start, 10)())), ['1'])
})

foreign('on another cluster, or behind an older copy of it, is searched anew', async (context) => {
  const before = opened(context)
  right(await write(before, s, 'a', '1'))
  context.standIn.log.putForeign(100)
  right(await before.head()())
  await before.close()
  const other = await startStandIn()
  try {
    for (const foreignEvents of [0, 5_000]) {
      other.log.putForeign(foreignEvents)
      const store = opened({ ...context, standIn: other })
      assert.is(right(await store.head()()), start)
      assert.equal(right(await store.readLog(start, 10)()), [])
      await store.close()
    }
  } finally {
    other.close()
  }
})

foreign('a search ends when the store is closed, and when the server is silent', async (context) => {
  const { standIn } = context
  const store = opened(context)
  manyForeign(context)
  standIn.faults.scanMs = 60_000
  const closed = store.head()()
  await until(() => context.searched.length > 0)
  await store.close()
  assert.is(refused(await closed), 'StoreClosed')
  const another = opened(context)
  const silent = another.head()()
  context.searched.length = 0
  await until(() => context.searched.length > 0)
  standIn.faults.before = () => 'silent'
  assert.is(refused(await silent), 'StoreUnavailable')
})

foreign('a position that is no event of the log is refused as such, at once', async (context) => {
  const store = opened(context)
  const { position } = right(await write(store, s, 'a', '1'))
  const between = positionOf(BigInt(position) - 1n)
  const read = await store.readLog(between, 10)()
  assert.match(JSON.stringify(read), /position of another log/)
  for (const after of [between, positionOf(BigInt(position) + 10_000n)]) {
    const reason = await new Promise<string>((resolve, reject) => {
      const onStalled: NonNullable<Parameters<EventStore['subscribe']>[1]['onStalled']> = (stalled) =>
        resolve(JSON.stringify(stalled?.failure))
      store.subscribe(after, { batchSize: 10, onStalled }, () => Promise.resolve(), reject)
    })
    assert.match(reason, /position of another log/, after)
  }
})

if (isReal) skipHere(import.meta.filename)
else foreign.run()
