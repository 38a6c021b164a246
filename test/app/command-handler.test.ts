import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCommandHandler, type TransactContext } from '../../app/commands/command-handler.ts'
import { readFurther, type Decider, type ReadFurther } from '../../domain/event-log/decider.ts'
import { start } from '../../domain/event-log/envelope.ts'
import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import type { CommentAdded } from '../../domain/ticket/events.ts'
import { refused, right, testPorts } from '../support/command-ports.ts'
import { commandId, streamName } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { ann } from '../support/people.ts'

const handler = suite('the command handler')

const stream = streamName('ticket-T-00000001')
const said = (body: string): CommentAdded => ({ type: 'CommentAdded', data: {}, personal: { body } })

const context = (command: string, more: Partial<TransactContext> = {}): TransactContext => ({
  actor: ann,
  commandId: commandId(command),
  correlationId: 'r',
  fingerprint: 'f',
  ...more,
})

interface Full {
  readonly tag: 'Full'
}

/** Counts its events, takes at most three, and adds none where the stream has `upTo` already. */
const counting = (upTo = 3): Decider<number, CommentAdded, Full> => ({
  initial: 0,
  evolve: (count) => count + 1,
  decide: (count): E.Either<Full | ReadFurther, readonly CommentAdded[]> => {
    if (count >= 3 && upTo > 3) return E.left({ tag: 'Full' })
    return E.right(count >= upTo ? [] : [said(`${count + 1}`)])
  },
})

const setup = (storeOf: (store: EventStore) => EventStore = (store) => store) => {
  const store = memoryEventStore()
  const ports = { ...testPorts(store), store: storeOf(store) }
  return { store, ports, transact: createCommandHandler(ports) }
}

handler('appends what is decided, chained to what stands', async () => {
  const { transact, store } = setup()
  assert.equal(right(await transact(stream, counting(), context('a'))()), {
    stateBefore: 0,
    appended: [said('1')],
    version: 1,
    position: '1',
  })
  assert.is(right(await transact(stream, counting(), context('b'))()).version, 2)
  const [first, second] = right(await store.readStream(stream)())
  assert.is(second?.previousHash, first?.hash)
})

handler('a decision without events answers with the stream as it stands', async () => {
  const { transact, store } = setup()
  right(await transact(stream, counting(), context('a'))())
  assert.equal(right(await transact(stream, counting(1), context('b'))()), {
    stateBefore: 1,
    appended: [],
    version: 1,
    position: '1',
  })
  assert.is(right(await store.readLog(start, 10)()).length, 1)
})

handler('a repeated command answers as it did then; with another body it is refused', async () => {
  const { transact } = setup()
  const first = right(await transact(stream, counting(), context('a'))())
  right(await transact(stream, counting(), context('b'))())
  assert.equal(right(await transact(stream, counting(), context('a'))()), { ...first, stateBefore: 1, appended: [] })
  const other = await transact(stream, counting(), context('a', { fingerprint: 'g' }))()
  assert.is(refused(other), 'IdempotencyMismatch')
})

handler('checks authorisation, then the command’s id, then the version, then the decision', async () => {
  const { transact } = setup()
  right(await transact(stream, counting(), context('a'))())
  const full: Decider<number, CommentAdded, Full> = { ...counting(), decide: () => E.left({ tag: 'Full' }) }
  const closed = { ...full, authorise: () => E.left({ tag: 'Full' } as const) }
  assert.is(refused(await transact(stream, closed, context('a', { ifVersion: 9 }))()), 'Full')
  assert.is(right(await transact(stream, full, context('a', { ifVersion: 9 }))()).version, 1)
  assert.equal(await transact(stream, full, context('b', { ifVersion: 9 }))(), {
    _tag: 'Left',
    left: { tag: 'VersionConflict', actual: 1 },
  })
  assert.is(refused(await transact(stream, full, context('b', { ifVersion: 1 }))()), 'Full')
})

/** A store where somebody else appends to the stream before each of the first `n` appends. */
const withRivals =
  (n: number) =>
  (store: EventStore): EventStore => {
    const rival = createCommandHandler(testPorts(store))
    let left = n
    return {
      ...store,
      append: (name, expected, events: readonly SealedEvent[]) => async () => {
        if (left-- > 0) right(await rival(name, counting(99), context(`rival ${left}`))())
        return store.append(name, expected, events)()
      },
    }
  }

handler('decides again on the new state whenever somebody else appended first', async () => {
  const { transact } = setup(withRivals(2))
  assert.equal(right(await transact(stream, counting(), context('a'))()).version, 3)
})

handler('decides again and again a bounded number of times, and is busy then', async () => {
  const endless: Decider<number, CommentAdded, never> = {
    initial: 0,
    evolve: (count) => count + 1,
    decide: () => E.right([said('again')]),
  }
  let attempts = 0
  const { transact } = setup((store) => ({
    ...store,
    append: (name) => async () => {
      attempts++
      return E.left({ tag: 'WrongExpectedVersion', stream: name, actual: 7 })
    },
  }))
  assert.is(refused(await transact(stream, endless, context('a'))()), 'Busy')
  assert.is(attempts, 12)
})

handler('what beforeAppend refuses is not appended, and without events it is not asked', async () => {
  const { transact, store } = setup()
  let asked = 0
  const beforeAppend = TE.leftIO(() => {
    asked++
    return { tag: 'StorageFull' } as const
  })
  assert.is(refused(await transact(stream, counting(), context('a', { beforeAppend }))()), 'StorageFull')
  assert.is(asked, 1)
  right(await transact(stream, counting(0), context('a', { beforeAppend }))())
  assert.is(asked, 1)
  assert.is(right(await store.readLog(start, 10)()).length, 0)
})

handler('decides on the stream’s last events, and on more where those are not enough', async () => {
  const { transact } = setup()
  for (const id of ['a', 'b', 'c']) right(await transact(stream, counting(99), context(id))())
  const folded: number[] = []
  const tailed = (enough: number): Decider<number, CommentAdded, never> => ({
    initial: 0,
    evolve: (count) => count + 1,
    tail: 1,
    decide: (count) => {
      folded.push(count)
      return count < enough ? E.left(readFurther) : E.right([said('last')])
    },
  })
  right(await transact(stream, tailed(1), context('d'))())
  right(await transact(stream, tailed(4), context('e'))())
  assert.equal(folded, [1, 1, 4])
})

handler('an outcome that is unknown is not retried: the same command again settles it', async () => {
  const { transact, store } = setup((whole) => {
    let isFirst = true
    return {
      ...whole,
      append: (name, expected, events) => async () => {
        const appended = await whole.append(name, expected, events)()
        if (!isFirst) return appended
        isFirst = false
        return E.left({ tag: 'OutcomeUnknown', reason: 'the disk failed' })
      },
    }
  })
  assert.is(refused(await transact(stream, counting(), context('a'))()), 'OutcomeUnknown')
  assert.equal(right(await transact(stream, counting(), context('a'))()).appended, [])
  assert.is(right(await store.readLog(start, 10)()).length, 1)
})

handler('a recorded time before the stream’s last event is refused', async () => {
  const { transact } = setup()
  const recorded = (id: string, at: string) => transact(stream, counting(), context(id, { at, imported: 'old' }))()
  right(await recorded('a', '2020-01-02T00:00:00.000Z'))
  assert.equal(await recorded('b', '2020-01-01T00:00:00.000Z'), {
    _tag: 'Left',
    left: { tag: 'OutOfOrder', last: '2020-01-02T00:00:00.000Z' },
  })
})

handler('a stream with an altered event is refused whole', async () => {
  const { transact } = setup((store) => ({
    ...store,
    readStream: (name, range) =>
      pipe(
        store.readStream(name, range),
        TE.map((events) =>
          events.map((event, index) => (index === 0 ? { ...event, personal: '{"body":"Altered"}' } : event)),
        ),
      ),
  }))
  right(await transact(stream, counting(), context('a'))())
  assert.is(refused(await transact(stream, counting(), context('b'))()), 'DamagedStream')
})

handler.run()
