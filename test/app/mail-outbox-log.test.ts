import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { left } from 'fp-ts/lib/Either.js'
import { openEventStoreDB } from '../../adapters/event-store/eventstoredb/store.ts'
import { openOutboxRecorder, type OutboxRecorder } from '../../app/mail/outbox-recorder.ts'
import type { AppendFailure, EventStore } from '../../domain/event-log/event-store.ts'
import { mailStream } from '../../domain/ids.ts'
import type { Delivery } from '../../domain/mail/mailer.ts'
import { refused, right, testPorts } from '../support/command-ports.ts'
import { write } from '../support/event-builder.ts'
import { isReal, onRealServer } from '../support/eventstoredb/real.ts'
import { streamName } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'

interface Context {
  store: EventStore
  /** Begins a term, on this store unless given another view of it. */
  begin: (store?: EventStore) => Promise<OutboxRecorder>
  lostLeaderships: number
}

const outboxLog = suite<Context>('outbox log of a cluster')
outboxLog.before.each((context) => {
  context.lostLeaderships = 0
  context.store = isReal ? openEventStoreDB({ connectionString: onRealServer() }) : memoryEventStore()
  const ports = testPorts(context.store)
  context.begin = (store = context.store) =>
    openOutboxRecorder({
      ...ports,
      store,
      onLeadershipLost: () => context.lostLeaderships++,
      delay: () => Promise.resolve(),
      isStopped: () => false,
    })
})
outboxLog.after.each(({ store }) => store.close())

const typesIn = async (store: EventStore): Promise<readonly string[]> =>
  right(await store.readStream(mailStream)()).map(({ type }) => type)

const settle = async (recorder: OutboxRecorder, messageId: string, delivery: Delivery): Promise<void> => {
  right(await recorder.settled(messageId, delivery)())
}

outboxLog(
  'the first term begins at the head of the log, the next ones at the same position',
  async ({ store, begin }) => {
    right(await write(store, streamName('ticket-T-00000001'), 'a', 'before'))
    const first = await begin()
    assert.is(first.from, right(await store.head()()))
    right(await write(store, streamName('ticket-T-00000001'), 'b', 'after'))
    assert.is((await begin()).from, first.from)
    assert.equal(await typesIn(store), ['MailsMarked'])
  },
)

outboxLog('the next term gets the outcome of a mail, once', async ({ begin }) => {
  const first = await begin()
  for (const id of ['<a>', '<b>', '<c>']) right(await first.begun(id)())
  await settle(first, '<a>', { tag: 'Taken' })
  await settle(first, '<b>', { tag: 'Refused', reason: '550 no' })
  await settle(first, '<c>', { tag: 'Deferred', reason: 'later' })
  const next = await begin()
  assert.equal(next.earlierOutcome('<a>'), { tag: 'Taken' })
  assert.equal(next.earlierOutcome('<b>'), { tag: 'Refused', reason: '550 no' })
  assert.is(next.earlierOutcome('<b>'), undefined, 'tried again on demand')
  assert.is(next.earlierOutcome('<c>'), undefined, 'it may have been sent or not')
})

outboxLog('a mail checkpoint moves the beginning to the checkpoint before it', async ({ store, begin }) => {
  const first = await begin()
  for (let n = 0; n < 3; n++) {
    await settle(first, `<${n}>`, { tag: 'Noted' })
    right(await first.recordCheckpoint())
  }
  const events = right(await store.readStream(mailStream)())
  assert.is(events.length, 7)
  const next = await begin()
  assert.is(next.from, events[4]?.position)
  assert.equal(next.earlierOutcome('<2>'), { tag: 'Noted' })
  assert.is(next.earlierOutcome('<1>'), undefined)
})

outboxLog('many events are read in pages', async ({ begin }) => {
  const first = await begin()
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => settle(first, `<${n}>`, { tag: 'Taken' })))
  const next = await begin()
  assert.is(next.from, first.from)
  for (let n = 0; n < 1_200; n++) assert.equal(next.earlierOutcome(`<${n}>`), { tag: 'Taken' }, String(n))
})

outboxLog('a process that lost the leadership without noticing begins no mail', async (context) => {
  const [one, two] = [await context.begin(), await context.begin()]
  right(await two.begun('<a>')())
  assert.is(refused(await one.begun('<a>')()), 'LeadershipLost')
  assert.is(refused(await one.begun('<b>')()), 'LeadershipLost')
  right(await two.begun('<b>')())
  assert.is(context.lostLeaderships, 1)
})

outboxLog('an append with an unknown outcome is repeated until it is known, and stored once', async (context) => {
  const { store } = context
  const failures: AppendFailure[] = [
    { tag: 'OutcomeUnknown', reason: 'the connection broke' },
    { tag: 'StoreUnavailable', reason: 'no leader' },
  ]
  /** Stores the first append and fails it all the same; fails the next one without storing it. */
  const unreliable: EventStore = {
    ...store,
    append:
      (...append) =>
      async () => {
        const failure = failures.shift()
        if (failure?.tag === 'StoreUnavailable') return left(failure)
        const appended = await store.append(...append)()
        return failure === undefined ? appended : left(failure)
      },
  }
  const recorder = await context.begin(unreliable)
  right(await recorder.begun('<a>')())
  right(await recorder.begun('<b>')())
  assert.equal(await typesIn(store), ['MailsMarked', 'MailBegun', 'MailBegun'])
  assert.is(context.lostLeaderships, 0)
})

outboxLog.run()
