import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { isReal } from '../../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'
import { skipHere } from '../../support/skips.ts'

const election = suite<{ standIn: StandIn; candidates: Candidates }>('a leader election on a cluster')

/** Processes that join one election, and the leaders. */
interface Candidates {
  readonly join: (name: string) => { readonly stop: () => Promise<void> }
  readonly leaders: () => readonly string[]
  /** Resolves once this one is the only leader. */
  readonly until: (name: string) => Promise<void>
  readonly most: () => number
  readonly close: () => Promise<void>
}

const candidatesOn = (standIn: StandIn): Candidates => {
  const leaders = new Set<string>()
  const stores: ReturnType<typeof openEventStoreDB>[] = []
  let most = 0
  let changed = (): void => undefined
  return {
    join: (name) => {
      const store = openEventStoreDB({ connectionString: `${standIn.connectionString}&defaultDeadline=500` })
      stores.push(store)
      return store.joinElection('mail', {
        onElected: () => {
          leaders.add(name)
          most = Math.max(most, leaders.size)
          changed()
        },
        onLost: () => {
          leaders.delete(name)
          changed()
        },
        onError: () => undefined,
      })
    },
    leaders: () => [...leaders],
    until: async (name) => {
      while (!(leaders.size === 1 && leaders.has(name))) await new Promise<void>((resolve) => (changed = resolve))
    },
    most: () => most,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

election.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.candidates = candidatesOn(context.standIn)
})
election.after.each(async ({ standIn, candidates }) => {
  await candidates.close()
  standIn.close()
})

election('is held again after the node was lost, and its event is never parked', async ({ standIn, candidates }) => {
  candidates.join('one')
  await candidates.until('one')
  for (let round = 0; round < 3; round++) {
    standIn.kill()
    while (candidates.leaders().length > 0) await new Promise((resolve) => setImmediate(resolve))
    await standIn.restart()
    await candidates.until('one')
  }
  assert.is(candidates.most(), 1)
  assert.is(standIn.parked(), 0)
})

if (isReal) skipHere(import.meta.filename)
else election.run()
