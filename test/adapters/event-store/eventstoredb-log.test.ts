import { WrongExpectedVersionError } from '@eventstore/db-client'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withoutNamespace } from '../../../adapters/event-store/eventstoredb/connect.ts'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import { right } from '../../support/command-ports.ts'
import { bodiesOf, sealedAfter, write } from '../../support/event-builder.ts'
import { emptyLog, withClient, writeAside, type ClusterPlace } from '../../support/eventstoredb/place.ts'
import { withOption } from '../../support/eventstoredb/real.ts'
import { streamName } from '../../support/ids.ts'

const s = streamName('ticket-T-00000001')
const json = 'application/json'

/** The name of `s` on the cluster. */
const there = ({ connectionString }: ClusterPlace): string => {
  const { namespace } = withoutNamespace(connectionString)
  return namespace === '' ? s : `${namespace}.${s}`
}

const log = suite<{ place: ClusterPlace; store: EventStore }>('the log on EventStoreDB')
log.before.each(async (context) => {
  context.place = await emptyLog()
  context.store = openEventStoreDB(context.place)
})
log.after.each(async ({ place, store }) => {
  await store.close()
  place.close()
})

log('stores ids, types and metadata legibly for the tools of the store', async ({ place, store }) => {
  const [event] = sealedAfter(s, emptyStream, 'a', ['Hello'])
  if (event === undefined) throw new Error('no event')
  right(await store.append(s, 0, [event])())
  await withClient(place, async (client) => {
    for await (const { event: record } of client.readStream(there(place))) {
      assert.is(record?.id.replaceAll('-', '').slice(0, 12), event.hash.slice(0, 12), 'the id stands for the content')
      assert.is(record?.type, 'CommentAdded')
      assert.ok(record?.isJson)
      const metadata = JSON.parse(JSON.stringify(record?.metadata))
      assert.is(metadata.$correlationId, 'c')
      assert.is(metadata.$causationId, 'a')
      assert.equal(
        Object.keys(metadata).filter((key) => key.startsWith('$')),
        ['$correlationId', '$causationId'],
      )
      assert.is(metadata.envelope.id, event.id)
      assert.is(metadata.envelope.recordedAt, '2026-01-01T00:00:00.000Z')
      assert.is(JSON.parse(JSON.stringify(record?.data)).personal.body, 'Hello')
    }
  })
})

log('neither shows the streams of other programs nor waits for them', async ({ place, store }) => {
  right(await write(store, s, 'a', '1'))
  await writeAside(place, 100)
  const { position } = right(await write(store, s, 'b', '2'))
  await writeAside(place, 100)
  assert.is(right(await store.head()()), position)
  assert.equal(bodiesOf(right(await store.readLog(start, 10)())), ['1', '2'])
  const got: StoredEvent[] = []
  await new Promise<void>((resolve, reject) => {
    const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
      got.push(...events)
      if (got.at(-1)?.position === position) resolve()
    }
    store.subscribe(start, { batchSize: 10 }, onBatch, reject)
  })
  assert.equal(bodiesOf(got), ['1', '2'])
})

log('delivers what a subscription catches up with in batches, none above its size', async ({ store }) => {
  const count = 1_000
  const bodies = Array.from({ length: 50 }, (_, n) => `${n}`)
  for (let n = 0; n < count / bodies.length; n++) right(await write(store, s, `k${n}`, ...bodies))
  const sizes: number[] = []
  await new Promise<void>((resolve, reject) => {
    const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
      sizes.push(events.length)
      if (sizes.reduce((sum, size) => sum + size, 0) === count) resolve()
    }
    store.subscribe(start, { batchSize: 100 }, onBatch, reject)
  })
  assert.ok(Math.max(...sizes) <= 100)
  assert.ok(sizes.length < count / 4, `${sizes.length} batches`)
})

log('of one namespace is invisible to another on the same cluster', async (context) => {
  const { place, store } = context
  right(await write(store, s, 'a', 'here'))
  const beside = withoutNamespace(place.connectionString)
  const other = `${beside.namespace}2`.replace(/^\d/, 'n$&')
  const second = openEventStoreDB({ connectionString: withOption(beside.connectionString, `namespace=${other}`) })
  try {
    assert.is(right(await second.head()()), start)
    right(await write(second, s, 'b', 'there'))
    assert.equal(bodiesOf(right(await second.readLog(start, 10)())), ['there'])
    assert.equal(
      right(await second.readStream(s)()).map(({ stream, version }) => [stream, version]),
      [[s, 1]],
    )
    assert.equal(bodiesOf(right(await store.readLog(start, 10)())), ['here'])
  } finally {
    await second.close()
  }
})

log('marks what another program wrote into one of its streams as undecodable', async ({ place, store }) => {
  await withClient(place, async (client) => {
    const event = { id: crypto.randomUUID(), type: 'Opened', contentType: json, data: { subject: 'mine' } } as const
    await client.appendToStream(there(place), [{ ...event, metadata: {} }])
  })
  const [event] = right(await store.readStream(s)())
  assert.is(event?.hash, '')
  assert.is(event?.personal, null)
  assert.is(right(await store.readLog(start, 10)()).length, 1)
})

log('accepts appends as the unmodified client makes them', async ({ place }) => {
  const name = `${there(place)}-other`
  const event = { id: crypto.randomUUID(), type: 'T', contentType: json, data: {}, metadata: {} } as const
  await withClient(place, async (client) => {
    const first = await client.appendToStream(name, [event], { expectedRevision: 'no_stream' })
    assert.is(first.nextExpectedRevision, 0n)
    const again = await client.appendToStream(name, [event], { expectedRevision: 'no_stream' })
    assert.is(again.nextExpectedRevision, 0n)
    const wrong = await client
      .appendToStream(name, [{ ...event, id: crypto.randomUUID() }], { expectedRevision: 5n })
      .catch((error: unknown) => error)
    assert.is(wrong instanceof WrongExpectedVersionError ? wrong.actualVersion : wrong, 0n)
    const stored = []
    for await (const each of client.readStream(name)) stored.push(each)
    assert.is(stored.length, 1)
  })
})

log.run()
