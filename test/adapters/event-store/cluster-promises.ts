import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maxAppendBytes } from '../../../adapters/event-store/eventstoredb/append.ts'
import type { ClusterStore } from '../../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore } from '../../../domain/event-log/event-store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import { right } from '../../support/command-ports.ts'
import { bodiesOf, sealedAfter, write } from '../../support/event-builder.ts'
import type { Opened } from './contract.ts'

const s = 'ticket-T-00000001'

/** A log on a cluster, and the same one as another process has it. */
export interface OpenedCluster extends Opened {
  readonly another: () => ClusterStore
}

/** What a store on a cluster promises beyond the contract, to be held against a stand-in and a real one alike. */
export const clusterPromises = (name: string, open: () => Promise<OpenedCluster>): void => {
  const promises = suite<{ opened: OpenedCluster; store: EventStore }>(`${name}: what processes on one cluster share`)
  promises.before.each(async (context) => {
    context.opened = await open()
    context.store = context.opened.store
  })
  promises.after.each(async ({ opened, store }) => {
    await store.close()
    opened.remove()
  })

  promises('refuses what the server would not take, and what nobody would see', async ({ store }) => {
    const refusal = async (stream: string, body: string): Promise<string> => {
      try {
        await store.append(stream, 0, sealedAfter(stream, emptyStream, 'a', [body]))()
        return ''
      } catch (error) {
        return String(error)
      }
    }
    assert.match(await refusal(s, 'x'.repeat(maxAppendBytes)), /bytes: the cluster takes/)
    assert.match(await refusal('other-1', 'x'), /has none of the prefixes/)
    assert.equal(right(await store.readLog(start, 10)()), [])
  })

  promises(
    'two stores on one cluster lose and double nothing, and see each other’s events',
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
          await new Promise((turn) => setImmediate(turn))
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

  promises(
    'the same key with another body, at once from two processes, is not called stored',
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

  promises('a turn is one process’s at a time, and the next one’s when that one leaves', async ({ opened }) => {
    const stores = [opened.another(), opened.another(), opened.another()]
    const has = new Set<number>()
    let [most, changed] = [0, (): void => undefined]
    const somebody = async (): Promise<void> => {
      while (has.size === 0) await new Promise<void>((resolve) => (changed = resolve))
    }
    const troubles: unknown[] = []
    const turns = stores.map((store, n) =>
      store.joinElection('test', {
        onElected: () => {
          has.add(n)
          most = Math.max(most, has.size)
          changed()
        },
        onLost: () => has.delete(n),
        onError: (error) => troubles.push(error),
      }),
    )
    for (let left = 0; left < 3; left++) {
      await somebody()
      const [holder] = has
      await turns[holder ?? 0]?.stop()
    }
    assert.is(most, 1)
    assert.equal(troubles, [])
    assert.is(right(await opened.store.head()()), start, 'no read model sees anything of it')
    await Promise.all(stores.map((store) => store.close()))
  })

  promises.run()
}
