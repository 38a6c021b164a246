import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DeadlineExceeded, retryWithin, within } from '../../../adapters/event-store/eventstoredb/failures.ts'
import { openEventStoreDB, type ClusterStore } from '../../../adapters/event-store/eventstoredb/store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import type { EventStore } from '../../../domain/event-log/event-store.ts'
import { emptyStream } from '../../../domain/event-log/seal-events.ts'
import { right } from '../../support/command-ports.ts'
import { sealedAfter, write } from '../../support/event-builder.ts'
import type { Fault, Method } from '../../support/eventstoredb/faults.ts'
import { isReal } from '../../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../../support/eventstoredb/stand-in.ts'
import { streamName } from '../../support/ids.ts'
import { skipHere } from '../../support/skips.ts'
import { until } from '../../support/until.ts'

const s = streamName('ticket-T-00000001')

const errors = suite<{ standIn: StandIn; store: ClusterStore }>('errors of EventStoreDB')
errors.before.each(async (context) => {
  context.standIn = await startStandIn()
  const connectionString = `${context.standIn.connectionString}&defaultDeadline=1500`
  context.store = openEventStoreDB({ connectionString })
})
errors.after.each(async ({ standIn, store }) => {
  standIn.faults.before = () => 'none'
  await store.close()
  standIn.close()
})

const events = sealedAfter(s, emptyStream, 'a', ['1'])

const calls: Readonly<Record<string, (store: EventStore) => Promise<unknown>>> = {
  readStream: (store) => store.readStream(s)(),
  append: (store) => store.append(s, 0, events)(),
  readLog: (store) => store.readLog(start, 10)(),
  head: (store) => store.head()(),
}

/** The reason with which a subscription says that it receives nothing. */
const stalledWith = (store: EventStore): Promise<string> =>
  new Promise((resolve, reject) => {
    store.subscribe(
      start,
      { batchSize: 10, onStalled: (stalled) => resolve(JSON.stringify(stalled?.failure)) },
      () => Promise.resolve(),
      reject,
    )
  })

for (const [fault, reason] of [
  ['unauthenticated', /refuses the user or the password/],
  ['access-denied', /denies the user access to (ticket-T-00000001|\$all)/],
  ['unsupported', /too old: 22.10 or newer is needed/],
] as const) {
  errors(`${fault} is said as such by every call, without a retry`, async ({ standIn, store }) => {
    let asked = 0
    standIn.faults.before = (method): Fault => {
      if (method !== 'gossip' && method !== 'features') asked++
      return fault
    }
    for (const [name, call] of Object.entries(calls)) {
      const before = asked
      assert.match(JSON.stringify(await call(store)), reason, name)
      assert.is(asked, before + 1, name)
    }
    assert.match(await stalledWith(store), reason)
  })
}

for (const [fault, reason] of [
  ['no-leader', /read-only: it has no leader now/],
  ['not-ready', /cannot be reached/],
  ['timeout', /too slow/],
  ['internal', /the event store fails: .*something broke/],
] as const) {
  errors(`reads that end with ${fault} say so after their retries`, async ({ standIn, store }) => {
    standIn.faults.before = () => fault
    for (const name of ['readStream', 'readLog', 'head']) {
      assert.match(JSON.stringify(await calls[name]?.(store)), reason, name)
    }
  })
}

errors('retries never wait for a negative time', async ({ standIn, store }) => {
  const warnings: string[] = []
  const note = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', note)
  try {
    let asked = 0
    // The second attempt is left with next to no time.
    standIn.faults.before = (): Fault => (++asked % 2 === 1 ? 'unavailable' : 'silent')
    await Promise.all(Object.values(calls).map((call) => call(store)))
    const left: number[] = []
    const attempt = (ms: number): Promise<never> => {
      left.push(ms)
      return Promise.reject(new Error('again'))
    }
    await retryWithin(0, attempt, () => false)
    assert.ok(Math.min(...left) > 0)
    const late = await within(-1, new Promise(() => undefined)).catch((error: unknown) => error)
    assert.instance(late, DeadlineExceeded)
    await new Promise((resolve) => setImmediate(resolve))
    assert.not.ok(warnings.includes('TimeoutNegativeWarning'))
  } finally {
    process.off('warning', note)
  }
})

errors(
  'a subscription that receives nothing for ten seconds says so, and when it is over',
  async ({ standIn, store }) => {
    const reports: string[] = []
    const got: unknown[] = []
    const onStalled: NonNullable<Parameters<EventStore['subscribe']>[1]['onStalled']> = (stalled) =>
      reports.push(stalled === null ? 'over' : JSON.stringify(stalled.failure))
    standIn.kill()
    store.subscribe(
      start,
      { batchSize: 10, onStalled },
      async (batch) => void got.push(...batch),
      (error) => {
        throw error
      },
    )
    await until(() => reports.length > 0)
    assert.match(reports[0] ?? '', /cannot be reached/)
    await standIn.restart()
    right(await write(store, s, 'a', '1'))
    await until(() => got.length === 1)
    assert.is(reports.at(-1), 'over')
  },
)

/** Joins the election as a user with some rights; resolves with the leader's or the refusal's word. */
const elected = (store: ClusterStore, heard: string[]): void =>
  void store.joinElection('mail', {
    onElected: () => heard.push('elected'),
    onLost: () => undefined,
    onError: (error) => heard.push(String(error)),
  })

errors('an election reads its persistent subscription before it would create one', async ({ standIn, store }) => {
  const first: string[] = []
  elected(store, first)
  await until(() => first.length > 0)
  assert.equal(first, ['elected'])
  await store.close()
  const asked = new Set<Method>()
  standIn.faults.before = (method): Fault => {
    asked.add(method)
    return method === 'createPersistent' ? 'access-denied' : 'none'
  }
  const next = openEventStoreDB({ connectionString: standIn.connectionString })
  const heard: string[] = []
  elected(next, heard)
  await until(() => heard.length > 0)
  assert.equal(heard, ['elected'])
  assert.not.ok(asked.has('createPersistent'))
  await next.close()
})

errors('an election says once which right is missing, and goes on once it is given', async ({ standIn, store }) => {
  let refusals = 0
  standIn.faults.before = (method): Fault => {
    if (method !== 'createPersistent') return 'none'
    refusals++
    return 'access-denied'
  }
  const heard: string[] = []
  elected(store, heard)
  await until(() => refusals > 2)
  assert.is(heard.length, 1)
  assert.match(heard[0] ?? '', /may not create the persistent subscription ledgerdesk on election-mail.*\$ops once/)
  standIn.faults.before = () => 'none'
  await until(() => heard.includes('elected'))
})

if (isReal) skipHere(import.meta.filename)
else errors.run()
