import { EventStoreDBClient, WrongExpectedVersionError } from '@eventstore/db-client'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore, StoredEvent } from '../../../domain/event-store.ts'
import { start } from '../../../domain/events/envelope.ts'
import { emptyStream } from '../../../domain/events/record.ts'
import { right } from '../../support/desk.ts'
import { bodiesOf, sealedAfter, write } from '../../support/event-builder.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'

const s = 'ticket-T-00000001'

const log = suite<{ standIn: StandIn; store: EventStore }>('the log on EventStoreDB')
log.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.store = openEventStoreDB({ connectionString: context.standIn.connectionString })
})
log.after.each(async ({ standIn, store }) => {
  await store.close()
  standIn.close()
})

log('keeps ids, types and metadata as the store’s own tools read them', async ({ standIn, store }) => {
  const [event] = sealedAfter(s, emptyStream, 'a', ['Hello'])
  if (event === undefined) throw new Error('no event')
  right(await store.append(s, 0, [event])())
  const [record] = standIn.log.stream(s)
  assert.is(record?.id, event.id)
  assert.is(record?.type, 'CommentAdded')
  assert.is(record?.contentType, 'application/json')
  const metadata = JSON.parse(Buffer.from(record?.metadata ?? []).toString())
  assert.is(metadata.$correlationId, 'c')
  assert.is(metadata.$causationId, 'a')
  assert.equal(
    Object.keys(metadata).filter((key) => key.startsWith('$')),
    ['$correlationId', '$causationId'],
  )
  assert.is(metadata.envelope.recordedAt, '2026-01-01T00:00:00.000Z')
  assert.is(JSON.parse(Buffer.from(record?.data ?? []).toString()).personal.body, 'Hello')
})

log('shows nothing of the server’s own events, nor waits for them', async ({ standIn, store }) => {
  right(await write(store, s, 'a', '1'))
  for (let n = 0; n < 100; n++) standIn.log.putSystemEvent()
  const { position } = right(await write(store, s, 'b', '2'))
  for (let n = 0; n < 100; n++) standIn.log.putSystemEvent()
  assert.is(right(await store.head()()), position)
  assert.equal(bodiesOf(right(await store.readLog(start, 10)())), ['1', '2'])
  const got: StoredEvent[] = []
  await new Promise<void>((resolve, reject) => {
    const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
      got.push(...events)
      if (got.at(-1)?.position === position) resolve()
    }
    store.follow(start, { batchSize: 10 }, onBatch, reject)
  })
  assert.equal(bodiesOf(got), ['1', '2'])
})

log('passes over what others wrote into a stream of ours, and lets nobody decide on it', async ({ standIn, store }) => {
  standIn.log.append(s, -1, [
    {
      id: crypto.randomUUID(),
      type: 'Opened',
      contentType: 'application/json',
      data: Buffer.from('{"subject":"mine"}'),
      metadata: new Uint8Array(),
    },
  ])
  const [event] = right(await store.readStream(s)())
  assert.is(event?.hash, '')
  assert.is(event?.personal, null)
  assert.is(right(await store.readLog(start, 10)()).length, 1)
})

log('the stand-in takes appends as the client makes them by itself too', async ({ standIn }) => {
  const client = EventStoreDBClient.connectionString(standIn.connectionString)
  const event = { id: crypto.randomUUID(), type: 'T', contentType: 'application/json', data: {}, metadata: {} } as const
  const first = await client.appendToStream('ticket-b', [event], { expectedRevision: 'no_stream' })
  assert.is(first.nextExpectedRevision, 0n)
  const again = await client.appendToStream('ticket-b', [event], { expectedRevision: 'no_stream' })
  assert.is(again.nextExpectedRevision, 0n)
  const wrong = await client
    .appendToStream('ticket-b', [{ ...event, id: crypto.randomUUID() }], { expectedRevision: 5n })
    .catch((error: unknown) => error)
  assert.is(wrong instanceof WrongExpectedVersionError ? wrong.actualVersion : wrong, 0n)
  assert.is(standIn.log.stream('ticket-b').length, 1)
  await client.dispose()
})

log.run()
