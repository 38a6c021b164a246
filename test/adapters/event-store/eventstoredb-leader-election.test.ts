import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { isReal } from '../../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'
import { skipHere } from '../../support/skips.ts'

const turns = suite<{ standIn: StandIn; line: Line }>('taking turns on a cluster')

/** Processes in line for one turn, and who has it. */
interface Line {
  readonly join: (name: string) => { readonly stop: () => Promise<void> }
  readonly has: () => readonly string[]
  /** Resolves once this one alone has it. */
  readonly until: (name: string) => Promise<void>
  readonly most: () => number
  readonly close: () => Promise<void>
}

const lineAt = (standIn: StandIn): Line => {
  const has = new Set<string>()
  const stores: ReturnType<typeof openEventStoreDB>[] = []
  let most = 0
  let changed = (): void => undefined
  return {
    join: (name) => {
      const store = openEventStoreDB({ connectionString: `${standIn.connectionString}&defaultDeadline=500` })
      stores.push(store)
      return store.joinElection('mail', {
        onElected: () => {
          has.add(name)
          most = Math.max(most, has.size)
          changed()
        },
        onLost: () => {
          has.delete(name)
          changed()
        },
        onError: () => undefined,
      })
    },
    has: () => [...has],
    until: async (name) => {
      while (!(has.size === 1 && has.has(name))) await new Promise<void>((resolve) => (changed = resolve))
    },
    most: () => most,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

turns.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.line = lineAt(context.standIn)
})
turns.after.each(async ({ standIn, line }) => {
  await line.close()
  standIn.close()
})

turns('it is there again after the node was lost, and never parked', async ({ standIn, line }) => {
  line.join('one')
  await line.until('one')
  for (let round = 0; round < 3; round++) {
    standIn.kill()
    while (line.has().length > 0) await new Promise((resolve) => setImmediate(resolve))
    await standIn.restart()
    await line.until('one')
  }
  assert.is(line.most(), 1)
  assert.is(standIn.parked(), 0)
})

if (isReal) skipHere(import.meta.filename)
else turns.run()
