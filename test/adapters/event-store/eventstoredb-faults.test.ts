import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import { holdsAsync } from '../../support/arbitrary.ts'
import { refused, right } from '../../support/command-ports.ts'
import { bodiesOf, headOf, sealedAfter, write } from '../../support/event-builder.ts'
import type { Fault } from '../../support/eventstoredb/faults.ts'
import { isReal } from '../../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'
import { streamName } from '../../support/ids.ts'
import { skipHere } from '../../support/skips.ts'

const s = streamName('ticket-T-00000001')
const deadline = '&defaultDeadline=1500'
/** Far beyond all deadlines: separates an answer from a hang, also on a busy machine. */
const hangMs = 120_000

interface Context {
  standIn: StandIn
  store: EventStore
}

const faults = suite<Context>('EventStoreDB with faults')
const stores: EventStore[] = []
const opened = (standIn: StandIn): EventStore => {
  const store = openEventStoreDB({ connectionString: `${standIn.connectionString}${deadline}` })
  stores.push(store)
  return store
}
faults.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.store = opened(context.standIn)
})
faults.after.each(async ({ standIn }) => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  standIn.close()
})

/** This fault for the first `times` appends, and none afterwards. */
const first = (times: number, fault: Fault) => {
  let left = times
  return (method: string): Fault => (method === 'append' && left-- > 0 ? fault : 'none')
}

const timed = async <A>(work: Promise<A>): Promise<A> => {
  const began = performance.now()
  const outcome = await work
  assert.ok(performance.now() - began < hangMs)
  return outcome
}

for (const fault of ['unavailable', 'not-ready', 'timeout', 'internal', 'silent'] as const) {
  // A silent call takes a whole deadline: two of them would leave no time for the third attempt.
  const times = fault === 'silent' ? 1 : 2
  faults(`an append that failed with ${fault} before it was stored is retried and stored once`, async (context) => {
    context.standIn.faults.before = first(times, fault)
    right(await timed(write(context.store, s, 'a', '1', '2')))
    assert.equal(bodiesOf(right(await context.store.readStream(s)())), ['1', '2'])
  })

  faults(`an append whose answer was lost with ${fault} succeeds, stored once`, async (context) => {
    context.standIn.faults.after = first(times, fault)
    const { version } = right(await timed(write(context.store, s, 'a', '1', '2')))
    assert.is(version, 2)
    assert.equal(bodiesOf(right(await context.store.readStream(s)())), ['1', '2'])
  })
}

faults('an append without an answer that was not stored is OutcomeUnknown, and may be repeated', async (context) => {
  const { standIn, store } = context
  standIn.faults.before = (method) => (method === 'append' ? 'silent' : 'none')
  const events = sealedAfter(s, emptyStream, 'a', ['1'])
  assert.is(refused(await timed(store.append(s, 0, events)())), 'OutcomeUnknown')
  standIn.faults.before = () => 'none'
  right(await store.append(s, 0, events)())
  assert.is(standIn.log.stream(s).length, 1)
})

faults('an append whose connection was cut after it was stored succeeds, stored once', async ({ standIn, store }) => {
  let cut = (): void => undefined
  const wasCut = new Promise<void>((resolve) => (cut = resolve))
  standIn.faults.after = (method): Fault => {
    if (method !== 'append') return 'none'
    standIn.faults.after = () => 'none'
    cut()
    return 'cut'
  }
  const writing = write(store, s, 'a', '1')
  await wasCut
  await standIn.restart()
  right(await timed(writing))
  assert.is(standIn.log.stream(s).length, 1)
})

faults('an append without an answer that was stored succeeds', async ({ standIn, store }) => {
  standIn.faults.after = (method) => (method === 'append' ? 'silent' : 'none')
  right(await timed(write(store, s, 'a', '1')))
  assert.is(standIn.log.stream(s).length, 1)
})

faults('an append whose version was taken while its outcome was open is a conflict', async ({ standIn, store }) => {
  const other = opened(standIn)
  let taken = false
  standIn.faults.before = async (method): Promise<Fault> => {
    if (method !== 'append' || taken) return 'none'
    taken = true
    right(await write(other, s, 'b', 'theirs'))
    return 'unavailable'
  }
  const outcome = await timed(store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['mine']))())
  assert.equal(outcome, { _tag: 'Left', left: { tag: 'WrongExpectedVersion', stream: s, actual: 1 } })
  assert.is(standIn.log.stream(s).length, 1)
})

faults('reads and appends fail within their deadlines where nothing answers', async ({ standIn, store }) => {
  right(await write(store, s, 'a', '1'))
  const head = await headOf(store, s)
  standIn.faults.before = () => 'silent'
  assert.is(refused(await timed(store.readStream(s)())), 'StoreUnavailable')
  assert.is(refused(await timed(store.readLog(start, 10)())), 'StoreUnavailable')
  assert.is(refused(await timed(store.head()())), 'StoreUnavailable')
  assert.is(refused(await timed(store.append(s, 1, sealedAfter(s, head, 'b', ['2']))())), 'OutcomeUnknown')
})

for (const [fault, tag] of [
  ['access-denied', 'StoreUnavailable'],
  ['stream-deleted', 'DamagedStream'],
] as const) {
  faults(`${fault} fails at once, without a retry`, async ({ standIn, store }) => {
    right(await write(store, s, 'a', '1'))
    const head = await headOf(store, s)
    let asked = 0
    standIn.faults.before = () => {
      asked++
      return fault
    }
    assert.is(refused(await store.readStream(s)()), tag)
    assert.is(refused(await store.append(s, 1, sealedAfter(s, head, 'b', ['2']))()), tag)
    assert.is(asked, 2)
  })
}

faults('a refusal after a lost answer is OutcomeUnknown', async ({ standIn, store }) => {
  let appends = 0
  standIn.faults.before = (method): Fault => {
    if (method === 'append') return ++appends === 1 ? 'none' : 'access-denied'
    return appends === 0 ? 'none' : 'unavailable'
  }
  standIn.faults.after = first(1, 'unavailable')
  assert.is(refused(await timed(store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['1']))())), 'OutcomeUnknown')
  assert.is(standIn.log.stream(s).length, 1)
})

faults('a killed node is unavailable, and used again after its restart', async ({ standIn, store }) => {
  right(await write(store, s, 'a', '1'))
  standIn.kill()
  assert.is(refused(await timed(store.readStream(s)())), 'StoreUnavailable')
  await standIn.restart()
  right(await write(store, s, 'b', '2'))
  assert.equal(bodiesOf(right(await store.readStream(s)())), ['1', '2'])
})

/** Subscribes from the start; `until` resolves once so many events were delivered. */
const subscription = (store: EventStore) => {
  const got: StoredEvent[] = []
  let arrived = (): void => undefined
  store.subscribe(
    start,
    { batchSize: 3 },
    async (events) => {
      got.push(...events)
      arrived()
    },
    (error) => {
      throw error
    },
  )
  return {
    got,
    until: async (count: number): Promise<void> => {
      while (got.length < count) await new Promise<void>((resolve) => (arrived = resolve))
    },
  }
}

faults(
  'a subscription loses and duplicates nothing while its node is killed repeatedly',
  async ({ standIn, store }) => {
    const { got, until } = subscription(store)
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 4; n++) right(await write(store, s, `${round}/${n}`, `${round}/${n}`))
      standIn.log.putSystemEvent()
      if (round % 2 === 0) await until(4 * round + 2)
      standIn.kill()
      await standIn.restart()
    }
    await until(20)
    assert.equal(bodiesOf(got), bodiesOf(right(await store.readStream(s)())))
  },
)

faults('a subscription that is refused or ended resumes where it was', async ({ standIn, store }) => {
  const { got, until } = subscription(store)
  right(await write(store, s, 'a', '1'))
  await until(1)
  const faults: Fault[] = ['unavailable', 'not-ready', 'internal', 'not-leader']
  standIn.faults.before = (method) => (method === 'subscribe' ? (faults.shift() ?? 'none') : 'none')
  standIn.kill()
  await standIn.restart()
  right(await write(store, s, 'b', '2'))
  await until(2)
  assert.equal(faults, [])
  assert.equal(bodiesOf(got), ['1', '2'])
})

faults('a subscription that stalls is opened again', async ({ standIn, store }) => {
  right(await write(store, s, 'a', '1'))
  let subscribed = 0
  standIn.faults.before = (method) => (method === 'subscribe' && ++subscribed === 1 ? 'silent' : 'none')
  const { got, until } = subscription(store)
  await until(1)
  right(await write(store, s, 'b', '2'))
  await until(2)
  assert.equal(bodiesOf(got), ['1', '2'])
  assert.is(subscribed, 2)
})

faults('a cluster is discovered by gossip, and a new leader after the old one is lost', async () => {
  const standIn = await startStandIn(3)
  const store = opened(standIn)
  try {
    const { got, until } = subscription(store)
    right(await write(store, s, 'a', '1'))
    standIn.elect(1)
    right(await timed(write(store, s, 'b', '2')))
    standIn.elect(2)
    standIn.kill(1)
    right(await timed(write(store, s, 'c', '3')))
    standIn.kill(0)
    right(await timed(write(store, s, 'd', '4')))
    await until(4)
    assert.equal(bodiesOf(got), ['1', '2', '3', '4'])
  } finally {
    await store.close()
    standIn.close()
  }
})

faults('a cluster that is down as a whole causes no unhandled rejection', async () => {
  const standIn = await startStandIn(3)
  const store = openEventStoreDB({ connectionString: `${standIn.connectionString}&defaultDeadline=1500` })
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    const { got, until } = subscription(store)
    right(await write(store, s, 'a', '1'))
    await until(1)
    // The subscription ends while another call searches for a node, and finds none.
    await new Promise<void>((searching) => {
      standIn.faults.before = (method): Fault => {
        if (method !== 'gossip') return method === 'readStream' ? 'unavailable' : 'none'
        searching()
        return 'silent'
      }
      void store.readStream(s)()
    })
    for (let node = 0; node < 3; node++) standIn.kill(node)
    assert.is(refused(await store.head()()), 'StoreUnavailable')
    standIn.faults.before = () => 'none'
    for (let node = 0; node < 3; node++) await standIn.restart(node)
    right(await write(store, s, 'b', '2'))
    await until(2)
    assert.equal(bodiesOf(got), ['1', '2'])
    assert.equal(unhandled, [])
  } finally {
    process.off('unhandledRejection', note)
    await store.close()
    standIn.close()
  }
})

const anyFault = fc.constantFrom<Fault>('none', 'none', 'unavailable', 'not-ready', 'timeout', 'internal', 'silent')

faults('with any faults, what was acknowledged is stored once, and what was refused is not', () =>
  holdsAsync(
    fc.asyncProperty(fc.array(fc.tuple(anyFault, anyFault), { maxLength: 12 }), async (sequence) => {
      const standIn = await startStandIn()
      const two = [0, 1].map(() =>
        openEventStoreDB({ connectionString: `${standIn.connectionString}&defaultDeadline=150` }),
      )
      try {
        const coming = [...sequence]
        standIn.faults.before = (method) => (method === 'append' ? (coming[0]?.[0] ?? 'none') : 'none')
        standIn.faults.after = (method) => (method === 'append' ? (coming.shift()?.[1] ?? 'none') : 'none')
        const outcomes = await Promise.all(
          two.flatMap((store, n) =>
            [1, 2].map(async (m) => [`${n}/${m}`, await write(store, s, `${n}/${m}`, `${n}/${m}`)] as const),
          ),
        )
        const stored = standIn.log.stream(s).map(({ data }) => JSON.parse(Buffer.from(data).toString()).personal.body)
        assert.is(new Set(stored).size, stored.length)
        for (const [body, outcome] of outcomes) {
          if (outcome._tag === 'Right') assert.ok(stored.includes(body))
          else if (outcome.left.tag !== 'OutcomeUnknown') assert.not.ok(stored.includes(body))
        }
      } finally {
        await Promise.all(two.map((store) => store.close()))
        standIn.close()
      }
    }),
    { usually: 8 },
  ),
)

if (isReal) skipHere(import.meta.filename)
else faults.run()
