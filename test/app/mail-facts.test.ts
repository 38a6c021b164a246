import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../adapters/event-store/eventstoredb/store.ts'
import { openMailFacts, type MailFacts } from '../../app/mail/outbox-log.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { mailStream } from '../../domain/ids.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { right, testPorts } from '../support/command-ports.ts'
import { write } from '../support/event-builder.ts'
import { isReal, onRealServer } from '../support/eventstoredb/real.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'

const facts = suite<{ store: EventStore; open: () => Promise<MailFacts> }>('what was done about mails, in the log')
let outrun = 0
facts.before.each((context) => {
  outrun = 0
  context.store = isReal ? openEventStoreDB({ connectionString: onRealServer() }) : memoryEventStore()
  const { newSalt, newId, clock } = testPorts(context.store)
  context.open = () =>
    openMailFacts({
      store: context.store,
      sha256,
      newSalt,
      newId,
      now: clock.now,
      onOutrun: () => outrun++,
      rest: () => Promise.resolve(),
      isStopped: () => false,
    })
})
facts.after.each(({ store }) => store.close())

const typesIn = async (store: EventStore): Promise<readonly string[]> =>
  right(await store.readStream(mailStream)()).map(({ type }) => type)

facts(
  'the first turn begins with what happens from then on, the next ones at the same place',
  async ({ store, open }) => {
    right(await write(store, 'ticket-T-00000001', 'a', 'before'))
    const first = await open()
    assert.is(first.from, right(await store.head()()))
    right(await write(store, 'ticket-T-00000001', 'b', 'after'))
    assert.is((await open()).from, first.from)
    assert.equal(await typesIn(store), ['MailsMarked'])
  },
)

facts('how a mail ended is told to the next turn, once', async ({ open }) => {
  const first = await open()
  for (const id of ['<a>', '<b>', '<c>']) assert.ok(await first.begin(id))
  await first.settle('<a>', { tag: 'Taken' })
  await first.settle('<b>', { tag: 'Refused', reason: '550 no' })
  await first.settle('<c>', { tag: 'Deferred', reason: 'later' })
  const next = await open()
  assert.equal(next.settledBefore('<a>'), { tag: 'Taken' })
  assert.equal(next.settledBefore('<b>'), { tag: 'Refused', reason: '550 no' })
  assert.is(next.settledBefore('<b>'), undefined, 'tried again on demand')
  assert.is(next.settledBefore('<c>'), undefined, 'it may have been sent, and it may not')
})

facts('a mark moves the beginning to the mark before it', async ({ store, open }) => {
  const first = await open()
  for (let n = 0; n < 3; n++) {
    await first.settle(`<${n}>`, { tag: 'Noted' })
    await first.mark()
  }
  const marks = right(await store.readStream(mailStream)())
  assert.is(marks.length, 7)
  const next = await open()
  assert.is(next.from, marks[4]?.position)
  assert.equal(next.settledBefore('<2>'), { tag: 'Noted' })
  assert.is(next.settledBefore('<1>'), undefined)
})

facts('many facts are read in pages', async ({ open }) => {
  const first = await open()
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => first.settle(`<${n}>`, { tag: 'Taken' })))
  const next = await open()
  assert.is(next.from, first.from)
  for (let n = 0; n < 1_200; n++) assert.equal(next.settledBefore(`<${n}>`), { tag: 'Taken' }, String(n))
})

facts('who lost the turn without knowing begins no mail', async ({ open }) => {
  const [one, two] = [await open(), await open()]
  assert.ok(await two.begin('<a>'))
  assert.not.ok(await one.begin('<a>'))
  assert.not.ok(await one.begin('<b>'))
  assert.ok(await two.begin('<b>'))
  assert.is(outrun, 1)
})

facts.run()
