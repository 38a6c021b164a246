import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventStore, StoredEvent } from '../../../domain/event-log/event-store.ts'
import { comparePositions, positionOf, start, type Position } from '../../../domain/event-log/envelope.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import type { StreamName } from '../../../domain/ids.ts'
import { refused, right } from '../../support/command-ports.ts'
import { bodiesOf, headOf, sealedAfter, write } from '../../support/event-builder.ts'
import { streamName } from '../../support/ids.ts'

/** A store under test, and how to open the same log again. */
export interface Opened {
  readonly store: EventStore
  /** Null for a store that is not durable. */
  readonly reopen: (() => EventStore) | null
  readonly remove: () => void
  /** Bytes in one append; by default unlimited. */
  readonly appendLimit?: number
}

interface Context {
  opened: Opened
  store: EventStore
}

const s = streamName('ticket-T-00000001')
const other = streamName('ticket-T-00000002')

const wholeLog = async (store: EventStore, page = 7): Promise<readonly StoredEvent[]> => {
  const all: StoredEvent[] = []
  for (let after: Position = start; ;) {
    const events = right(await store.readLog(after, page)())
    const last = events.at(-1)
    if (last === undefined) return all
    all.push(...events)
    after = last.position
  }
}

const isAscending = (positions: readonly Position[]): boolean =>
  positions.every((position, at) => at === 0 || comparePositions(positions[at - 1] ?? start, position) < 0)

/** The contract of the port `EventStore`, which every implementation passes. */
export const eventStoreContract = (name: string, open: () => Opened | Promise<Opened>): void => {
  const contract = suite<Context>(`${name}: the event store contract`)
  contract.before.each(async (context) => {
    context.opened = await open()
    context.store = context.opened.store
  })
  contract.after.each(async ({ store, opened }) => {
    await store.close()
    opened.remove()
  })

  contract('an unknown stream is empty, and so is a new log', async ({ store }) => {
    assert.equal(right(await store.readStream(s)()), [])
    assert.equal(right(await store.readStream(s, { direction: 'backwards', limit: 1 })()), [])
    assert.equal(right(await store.readLog(start, 10)()), [])
    assert.is(right(await store.head()()), start)
  })

  contract('every field comes back as it was written', async ({ store }) => {
    const events = sealedAfter(s, emptyStream, 'k', ['één', '𝒳 "quoted" \\ \u2028', ''])
    const { position } = right(await store.append(s, 0, events)())
    const stored = right(await store.readStream(s)())
    assert.equal(
      stored,
      events.map((event, index) => ({ ...event, position: stored[index]?.position })),
    )
    assert.is(stored.at(-1)?.position, position)
    assert.equal(await wholeLog(store), stored)
  })

  contract('an append returns the version and the position of its last event', async ({ store }) => {
    const first = right(await write(store, s, 'a', '1', '2'))
    const second = right(await write(store, s, 'b', '3'))
    assert.is(first.version, 2)
    assert.is(second.version, 3)
    assert.ok(comparePositions(first.position, second.position) < 0)
    assert.is(right(await store.head()()), second.position)
  })

  contract('an event is found at its own position, and at no other', async ({ store }) => {
    right(await write(store, s, 'a', '1', '2'))
    const events = await wholeLog(store)
    for (const event of events) assert.equal(right(await store.eventAt(event.position)()), event)
    const own = new Set(events.map(({ position }) => position))
    const between = positionOf(BigInt(events[1]?.position ?? 0) - 1n)
    const beyond = positionOf(BigInt(events[1]?.position ?? 0) + 1n)
    for (const position of [start, between, beyond, positionOf(2n ** 64n)]) {
      if (!own.has(position)) assert.is(right(await store.eventAt(position)()), null, position)
    }
  })

  contract('a stream is created once', async ({ store }) => {
    right(await store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['mine']))())
    const late = await store.append(s, 0, sealedAfter(s, emptyStream, 'b', ['yours']))()
    assert.equal(late, { _tag: 'Left', left: { tag: 'WrongExpectedVersion', stream: s, actual: 1 } })
    assert.equal(bodiesOf(right(await store.readStream(s)())), ['mine'])
  })

  contract('a stale version is refused with the actual one', async ({ store }) => {
    const head = await headOf(store, s)
    right(await write(store, s, 'a', '1', '2', '3'))
    const stale = await store.append(s, head.version, sealedAfter(s, head, 'b', ['x']))()
    assert.equal(stale, { _tag: 'Left', left: { tag: 'WrongExpectedVersion', stream: s, actual: 3 } })
  })

  contract('a version that the stream has not reached is refused', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    const early = await store.append(s, 5, sealedAfter(s, { version: 5, hash: '0'.repeat(64) }, 'b', ['x']))()
    assert.equal(early, { _tag: 'Left', left: { tag: 'WrongExpectedVersion', stream: s, actual: 1 } })
    const nowhere = await store.append(other, 1, sealedAfter(other, { version: 1, hash: '0'.repeat(64) }, 'c', ['x']))()
    assert.equal(nowhere, { _tag: 'Left', left: { tag: 'WrongExpectedVersion', stream: other, actual: 0 } })
  })

  contract('the same events again succeed with the first result, also after later events', async ({ store }) => {
    const events = sealedAfter(s, emptyStream, 'a', ['1', '2'])
    const first = right(await store.append(s, 0, events)())
    assert.equal(right(await store.append(s, 0, events)()), first)
    right(await write(store, s, 'b', '3'))
    assert.equal(right(await store.append(s, 0, events)()), first)
    assert.is((await wholeLog(store)).length, 3)
  })

  contract('the same ids with another body are refused', async ({ store }) => {
    right(await store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['1']))())
    assert.is(refused(await store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['2']))()), 'WrongExpectedVersion')
    assert.equal(bodiesOf(await wholeLog(store)), ['1'])
  })

  contract('a part of an append, or more than it, is no repetition', async ({ store }) => {
    const events = sealedAfter(s, emptyStream, 'a', ['1', '2'])
    right(await store.append(s, 0, events.slice(0, 1))())
    assert.is(refused(await store.append(s, 0, events)()), 'WrongExpectedVersion')
    assert.is((await wholeLog(store)).length, 1)
  })

  contract('an id that the stream holds is not appended again', async ({ store }) => {
    right(await store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['1']))())
    const head = await headOf(store, s)
    // An event's id derives from its command and index: this is the id of the first event.
    const again = sealedAfter(s, head, 'a', ['2'])
    let failed = false
    try {
      failed = (await store.append(s, 1, again)())._tag === 'Left'
    } catch {
      failed = true
    }
    assert.ok(failed)
    assert.is((await wholeLog(store)).length, 1)
  })

  contract('two writers at one version: one succeeds, the other gets a conflict', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    const outcomes = await Promise.all([write(store, s, 'b', 'left'), write(store, s, 'c', 'right')])
    assert.is(outcomes.filter(({ _tag }) => _tag === 'Right').length, 1)
    assert.is(outcomes.filter((each) => each._tag === 'Left' && each.left.tag === 'WrongExpectedVersion').length, 1)
    assert.is((await wholeLog(store)).length, 2)
  })

  contract('a refused append of a group stores nothing and does not affect the others', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    const outcomes = await Promise.all([
      store.append(other, 0, sealedAfter(other, emptyStream, 'b', ['x']))(),
      store.append(s, 0, sealedAfter(s, emptyStream, 'c', ['stale', 'stale']))(),
      write(store, s, 'd', '2'),
    ])
    assert.equal(
      outcomes.map(({ _tag }) => _tag),
      ['Right', 'Left', 'Right'],
    )
    assert.equal(bodiesOf(right(await store.readStream(s)())), ['1', '2'])
    assert.equal(bodiesOf(right(await store.readStream(other)())), ['x'])
  })

  contract('events that are not chained to the head are a bug, and nothing is stored', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    for (const wrong of [
      sealedAfter(s, { version: 1, hash: '0'.repeat(64) }, 'b', ['x']),
      sealedAfter(other, await headOf(store, s), 'c', ['x']),
      sealedAfter(s, { version: 2, hash: (await headOf(store, s)).hash }, 'd', ['x']),
    ]) {
      let threw = false
      await store
        .append(s, 1, wrong)()
        .catch(() => (threw = true))
      assert.ok(threw)
    }
    assert.is((await wholeLog(store)).length, 1)
  })

  contract('an append without events is a bug', async ({ store }) => {
    let threw = false
    await store
      .append(s, 0, [])()
      .catch(() => (threw = true))
    assert.ok(threw)
  })

  contract('fifty writers on ten streams: all stored once, in order, without a gap', async ({ store }) => {
    const persist = async (stream: StreamName, command: string): Promise<void> => {
      while ((await write(store, stream, command, command))._tag === 'Left') await Promise.resolve()
    }
    await Promise.all(Array.from({ length: 50 }, (_, n) => persist(streamName(`ticket-T-0000000${n % 10}`), `w${n}`)))
    const log = await wholeLog(store)
    assert.is(log.length, 50)
    assert.is(new Set(bodiesOf(log)).size, 50)
    assert.ok(isAscending(log.map(({ position }) => position)))
    for (let n = 0; n < 10; n++) {
      const stream = right(await store.readStream(streamName(`ticket-T-0000000${n}`))())
      assert.equal(
        stream.map(({ version }) => version),
        [1, 2, 3, 4, 5],
      )
      assert.equal(
        stream.map(({ previousHash }) => previousHash),
        ['', ...stream.slice(0, -1).map(({ hash }) => hash)],
      )
    }
  })

  contract('a concurrent reader sees positions in order', async ({ store }) => {
    const seen: Position[] = []
    let done = false
    const reader = (async () => {
      for (;;) {
        const last = done
        for (const { position } of right(await store.readLog(seen.at(-1) ?? start, 100)())) seen.push(position)
        if (last) return
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    for (let n = 0; n < 20; n++) {
      await Promise.all(
        [1, 2, 3].map((each) => write(store, streamName(`ticket-T-0000000${each}`), `${n}/${each}`, 'x')),
      )
    }
    done = true
    await reader
    assert.ok(isAscending(seen))
    assert.equal(
      seen,
      (await wholeLog(store)).map(({ position }) => position),
    )
  })

  contract('streams are read forwards and backwards, from a version, up to a limit', async ({ store }) => {
    right(await write(store, s, 'a', '1', '2', '3', '4', '5'))
    right(await write(store, other, 'b', 'x'))
    const read = async (range: Parameters<EventStore['readStream']>[1]) =>
      bodiesOf(right(await store.readStream(s, range)()))
    assert.equal(await read({}), ['1', '2', '3', '4', '5'])
    assert.equal(await read({ from: 4 }), ['4', '5'])
    assert.equal(await read({ from: 2, limit: 2 }), ['2', '3'])
    assert.equal(await read({ from: 6 }), [])
    assert.equal(await read({ direction: 'backwards' }), ['5', '4', '3', '2', '1'])
    assert.equal(await read({ direction: 'backwards', limit: 1 }), ['5'])
    assert.equal(await read({ direction: 'backwards', from: 2 }), ['2', '1'])
  })

  contract('pages of the log follow each other without gap or overlap', async ({ store }) => {
    for (let n = 0; n < 10; n++) right(await write(store, n % 2 === 0 ? s : other, `k${n}`, `${n}`))
    const whole = await wholeLog(store, 100)
    for (const page of [1, 2, 3, 10, 11]) assert.equal(await wholeLog(store, page), whole)
    assert.equal(bodiesOf(whole), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    assert.equal(right(await store.readLog(whole.at(-1)?.position ?? start, 5)()), [])
  })

  contract('a subscription delivers past and new events, in order, once', async ({ store }) => {
    right(await write(store, s, 'a', '1', '2', '3'))
    const got: StoredEvent[] = []
    const sizes: number[] = []
    let arrived = (): void => undefined
    const subscription = store.subscribe(
      start,
      { batchSize: 2 },
      async (events) => {
        got.push(...events)
        sizes.push(events.length)
        arrived()
      },
      (error) => {
        throw error
      },
    )
    const received = async (count: number): Promise<void> => {
      while (got.length < count) await new Promise<void>((resolve) => (arrived = resolve))
    }
    await received(3)
    right(await write(store, other, 'b', '4'))
    await received(4)
    await subscription.stop()
    right(await write(store, s, 'c', '5'))
    assert.equal(bodiesOf(got), ['1', '2', '3', '4'])
    assert.ok(sizes.every((size) => size <= 2))
  })

  contract('a subscription starts after its position', async ({ store }) => {
    const { position } = right(await write(store, s, 'a', '1'))
    right(await write(store, s, 'b', '2'))
    const first = await new Promise<readonly StoredEvent[]>((resolve, reject) => {
      const subscription = store.subscribe(
        position,
        { batchSize: 10 },
        async (events) => {
          resolve(events)
          void subscription.stop()
        },
        reject,
      )
    })
    assert.equal(bodiesOf(first), ['2'])
  })

  contract('a subscription delivers the next batch only after the last is processed', async ({ store }) => {
    right(await write(store, s, 'a', ...Array.from({ length: 6 }, (_, n) => `${n}`)))
    let [busy, most, count] = [0, 0, 0]
    await new Promise<void>((resolve, reject) => {
      store.subscribe(
        start,
        { batchSize: 1 },
        async () => {
          most = Math.max(most, ++busy)
          await new Promise((resume) => setImmediate(resume))
          busy--
          if (++count === 6) resolve()
        },
        reject,
      )
    })
    assert.is(most, 1)
  })

  contract('a subscription whose handler rejects reports it once, and ends', async ({ store }) => {
    right(await write(store, s, 'a', '1', '2'))
    let calls = 0
    const error = await new Promise<unknown>((resolve) => {
      store.subscribe(
        start,
        { batchSize: 1 },
        async () => {
          calls++
          throw new Error('no')
        },
        resolve,
      )
    })
    assert.instance(error, Error)
    right(await write(store, s, 'b', '3'))
    assert.is(calls, 1)
  })

  contract('stopping waits for the current batch', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    let [began, ended] = [false, false]
    let release = (): void => undefined
    const entered = new Promise<void>((resolve) => {
      const subscription = store.subscribe(
        start,
        { batchSize: 1 },
        async () => {
          began = true
          resolve()
          await new Promise<void>((go) => (release = go))
          ended = true
        },
        () => undefined,
      )
      stopping = () => subscription.stop()
    })
    await entered
    const stopped = stopping()
    release()
    await stopped
    assert.ok(began && ended)
  })
  let stopping = (): Promise<void> => Promise.resolve()

  contract('a closed store fails with StoreClosed, and can be closed again', async ({ store }) => {
    right(await write(store, s, 'a', '1'))
    const head = await headOf(store, s)
    await store.close()
    await store.close()
    assert.is(refused(await store.readStream(s)()), 'StoreClosed')
    assert.is(refused(await store.readLog(start, 1)()), 'StoreClosed')
    assert.is(refused(await store.head()()), 'StoreClosed')
    assert.is(refused(await store.append(s, 1, sealedAfter(s, head, 'b', ['2']))()), 'StoreClosed')
  })

  contract('closing finishes the running appends', async ({ store, opened }) => {
    const appends = Array.from({ length: 5 }, (_, n) => {
      const stream = streamName(`ticket-T-0000000${n}`)
      return store.append(stream, 0, sealedAfter(stream, emptyStream, `k${n}`, ['x']))()
    })
    await store.close()
    for (const outcome of await Promise.all(appends)) right(outcome)
    if (opened.reopen === null) return
    const again = opened.reopen()
    assert.is((await wholeLog(again)).length, 5)
    await again.close()
  })

  contract('a log opened again has every event, and takes more', async ({ store, opened }) => {
    if (opened.reopen === null) return
    right(await write(store, s, 'a', '1', '2'))
    const before = await wholeLog(store)
    await store.close()
    const again = opened.reopen()
    assert.equal(await wholeLog(again), before)
    right(await write(again, s, 'b', '3'))
    assert.equal(bodiesOf(await wholeLog(again)), ['1', '2', '3'])
    await again.close()
  })

  contract('streams of any name are separate', async ({ store }) => {
    const names = [
      'reader-a',
      'reader-A',
      'reader-a%2F',
      "reader-'; DROP TABLE events; --",
      'reader-é',
      'reader-e\u0301',
    ].map(streamName)
    for (const [n, stream] of names.entries()) right(await write(store, stream, `k${n}`, `${n}`))
    for (const [n, stream] of names.entries()) {
      assert.equal(bodiesOf(right(await store.readStream(stream)())), [`${n}`])
    }
  })

  contract('large texts and many events in one append are read back unchanged', async ({ store, opened }) => {
    const long = 'ä'.repeat(20_000)
    const count = Math.min(50, Math.floor((opened.appendLimit ?? Number.POSITIVE_INFINITY) / 42_000))
    right(await write(store, s, 'a', ...Array.from({ length: count }, () => long)))
    const stored = right(await store.readStream(s)())
    assert.is(stored.length, count)
    assert.ok(bodiesOf(stored).every((body) => body === long))
  })

  contract.run()
}
