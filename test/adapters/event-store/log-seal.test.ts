import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { refuseOnceSealed } from '../../../adapters/event-store/log-seal.ts'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { sealLog } from '../../../app/copy/seal.ts'
import type { EventStore } from '../../../domain/event-log/event-store.ts'
import { refused, right } from '../../support/command-ports.ts'
import { headOf, sealedAfter, write } from '../../support/event-builder.ts'
import { streamName } from '../../support/ids.ts'
import { memoryEventStore } from '../../support/memory-event-store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

/** Two processes with the same log. */
interface Context {
  one: EventStore
  two: EventStore
  close: () => Promise<void>
}

const ticket = streamName('ticket-T-00000001')

const inFolder = (): Context => {
  const folder = temporaryFolder()
  const [one, two] = [openSqliteEventStore({ folder: folder.path }), openSqliteEventStore({ folder: folder.path })]
  const close = async (): Promise<void> => {
    await one.close()
    await two.close()
    folder.remove()
  }
  return { one, two, close }
}

/** As processes on a cluster: a store that is shared, and that knows of no seal. */
const onCluster = (): Context => {
  const shared = memoryEventStore()
  return { one: refuseOnceSealed(shared), two: refuseOnceSealed(shared), close: shared.close }
}

for (const [name, open] of [
  ['in a folder', inFolder],
  ['on a cluster', onCluster],
] as const) {
  const sealed = suite<Context>(`a sealed log ${name}`)
  sealed.before.each((context) => void Object.assign(context, open()))
  sealed.after.each(({ close }) => close())

  sealed('refuses every append, and names where it goes on; what was stored before is repeated', async ({ one }) => {
    const before = await headOf(one, ticket)
    const first = sealedAfter(ticket, before, 'a', ['1'])
    right(await one.append(ticket, 0, first)())
    right(await sealLog(one, 'esdb://node:2113')())
    assert.equal(await write(one, ticket, 'b', '2'), {
      _tag: 'Left',
      left: { tag: 'LogSealed', to: 'esdb://node:2113' },
    })
    assert.is(refused(await write(one, streamName('reader-ann'), 'c', '3')), 'LogSealed')
    if (name === 'in a folder') right(await one.append(ticket, 0, first)())
  })

  sealed('is sealed once: again with the same place it stays as it is, with another it is refused', async (context) => {
    right(await sealLog(context.one, 'sqlite:/new')())
    right(await sealLog(context.two, 'sqlite:/new')())
    const other = await sealLog(context.two, 'sqlite:/other')()
    assert.equal(other, { _tag: 'Left', left: { code: 'SealedElsewhere', to: 'sqlite:/new' } })
  })

  sealed('is noticed by a process that follows the log', async ({ one, two }) => {
    right(await write(one, ticket, 'a', '1'))
    let isNoticed = false
    const subscription = one.subscribe(
      right(await one.head()()),
      { batchSize: 10 },
      async () => {
        isNoticed = true
      },
      (error) => assert.unreachable(String(error)),
    )
    right(await sealLog(two, 'sqlite:/new')())
    await until(() => isNoticed)
    assert.is(refused(await write(one, ticket, 'b', '2')), 'LogSealed')
    await subscription.stop()
  })

  sealed.run()
}
