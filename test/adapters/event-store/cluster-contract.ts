import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maxAppendBytes } from '../../../adapters/event-store/eventstoredb/append.ts'
import type { ClusterStore } from '../../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore } from '../../../domain/event-log/event-store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import type { StreamName } from '../../../domain/ids.ts'
import { right } from '../../support/command-ports.ts'
import { bodiesOf, sealedAfter, write } from '../../support/event-builder.ts'
import { streamName } from '../../support/ids.ts'
import type { Opened } from './contract.ts'

const s = streamName('ticket-T-00000001')

/** A log on a cluster, and further stores on it, as other processes open them. */
export interface OpenedCluster extends Opened {
  readonly another: () => ClusterStore
}

/** What a store on a cluster guarantees beyond the contract; checked on the stand-in and on a real server. */
export const clusterContract = (name: string, open: () => Promise<OpenedCluster>): void => {
  const shared = suite<{ opened: OpenedCluster; store: EventStore }>(`${name}: what processes on one cluster share`)
  shared.before.each(async (context) => {
    context.opened = await open()
    context.store = context.opened.store
  })
  shared.after.each(async ({ opened, store }) => {
    await store.close()
    opened.remove()
  })

  shared('refuses appends that are too large, and streams that no subscription delivers', async ({ store }) => {
    const refusal = async (stream: StreamName, body: string): Promise<string> => {
      try {
        await store.append(stream, 0, sealedAfter(stream, emptyStream, 'a', [body]))()
        return ''
      } catch (error) {
        return String(error)
      }
    }
    assert.match(await refusal(s, 'x'.repeat(maxAppendBytes)), /bytes: the cluster takes/)
    assert.match(await refusal(streamName('other-1'), 'x'), /has none of the prefixes/)
    assert.equal(right(await store.readLog(start, 10)()), [])
  })

  shared(
    'two stores on one cluster lose and duplicate nothing, and see each other’s events',
    async ({ opened, store }) => {
      const other = opened.another()
      const seen: unknown[] = []
      let arrived = (): void => undefined
      store.subscribe(
        start,
        { batchSize: 5 },
        async (events) => {
          seen.push(...bodiesOf(events))
          arrived()
        },
        (error) => {
          throw error
        },
      )
      const persist = async (by: EventStore, command: string): Promise<void> => {
        while ((await write(by, s, command, command))._tag === 'Left') {
          await new Promise((resume) => setImmediate(resume))
        }
      }
      await Promise.all(Array.from({ length: 30 }, (_, n) => persist(n % 2 === 0 ? store : other, `k${n}`)))
      const stored = bodiesOf(right(await other.readStream(s)()))
      assert.is(new Set(stored).size, 30)
      while (seen.length < 30) await new Promise<void>((resolve) => (arrived = resolve))
      assert.equal(seen, stored)
      await other.close()
    },
  )

  shared(
    'the same key with another body from two processes at once succeeds for one only',
    async ({ opened, store }) => {
      const other = opened.another()
      const outcomes = await Promise.all([
        store.append(s, 0, sealedAfter(s, emptyStream, 'a', ['left']))(),
        other.append(s, 0, sealedAfter(s, emptyStream, 'a', ['right']))(),
      ])
      const winner = bodiesOf(right(await store.readStream(s)()))
      assert.is(winner.length, 1)
      assert.equal(
        outcomes.map(({ _tag }) => _tag),
        winner[0] === 'left' ? ['Right', 'Left'] : ['Left', 'Right'],
      )
      await other.close()
    },
  )

  shared('one process at a time is the leader, and the next one when it resigns', async ({ opened }) => {
    const stores = [opened.another(), opened.another(), opened.another()]
    const leaders = new Set<number>()
    let [most, changed] = [0, (): void => undefined]
    const anyLeader = async (): Promise<void> => {
      while (leaders.size === 0) await new Promise<void>((resolve) => (changed = resolve))
    }
    const errors: unknown[] = []
    const candidacies = stores.map((store, n) =>
      store.joinElection('test', {
        onElected: () => {
          leaders.add(n)
          most = Math.max(most, leaders.size)
          changed()
        },
        onLost: () => leaders.delete(n),
        onError: (error) => errors.push(error),
      }),
    )
    for (let resigned = 0; resigned < 3; resigned++) {
      await anyLeader()
      const [leader] = leaders
      await candidacies[leader ?? 0]?.stop()
    }
    assert.is(most, 1)
    assert.equal(errors, [])
    assert.is(right(await opened.store.head()()), start, 'the election is no part of the log')
    await Promise.all(stores.map((store) => store.close()))
  })

  shared.run()
}
