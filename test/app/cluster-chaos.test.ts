import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Client } from '../support/client.ts'
import { startCluster, type Cluster } from '../support/cluster.ts'
import type { Fault } from '../support/eventstoredb/faults.ts'
import { isReal, withOption } from '../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../support/eventstoredb/stand-in.ts'
import { skipHere } from '../support/skips.ts'

const rounds = process.env['LEDGERDESK_SOAK'] === '1' ? 60 : 6
const burst = 8

const chaos = suite<{ standIn: StandIn; cluster: Cluster }>('a cluster whose nodes fail, change and answer wrongly')
chaos.before.each(async (context) => {
  context.standIn = await startStandIn(3)
  const connectionString = withOption(context.standIn.connectionString, 'defaultDeadline=1000')
  context.cluster = startCluster({ ...context.standIn, connectionString })
})
chaos.after.each(({ cluster }) => cluster.close())

/** Injects the fault of a round; the result ends it. */
const inject = (standIn: StandIn, round: number): (() => Promise<void>) => {
  const { faults } = standIn
  const leader = round % 3
  const quiet = async (): Promise<void> => {
    faults.before = () => 'none'
    faults.after = () => 'none'
  }
  let left = 3
  const some = (fault: Fault) => (method: string) => (method === 'append' && left-- > 0 ? fault : 'none')
  switch (round % 6) {
    case 0:
      standIn.elect((leader + 1) % 3)
      standIn.kill(leader)
      return () => standIn.restart(leader)
    case 1:
      faults.after = some('silent')
      return quiet
    case 2:
      faults.before = some('not-ready')
      faults.after = some('unavailable')
      return quiet
    case 3:
      standIn.elect((leader + 1) % 3)
      return quiet
    case 4:
      faults.before = some('silent')
      return quiet
    default:
      for (let node = 0; node < 3; node++) standIn.kill(node)
      return async () => {
        for (let node = 0; node < 3; node++) await standIn.restart(node)
      }
  }
}

chaos(
  `${rounds} rounds lose nothing acknowledged and duplicate nothing, from two servers`,
  async ({ cluster, standIn }) => {
    const servers = [await cluster.serve(), await cluster.serve()]
    const clients: readonly Client[] = await Promise.all(servers.map((server) => server.as('Ann Archer')))
    const acknowledged = new Map<string, unknown>()
    const keys = new Set<string>()
    const open = async (n: number, key: string): Promise<number> => {
      keys.add(key)
      const ticket = { subject: `Ticket ${key}`, description: 'x', category: 'other' }
      const answer = await clients[n % 2]?.post('/v1/tickets', ticket, { 'idempotency-key': key })
      if (answer?.status === 201) acknowledged.set(key, answer.body['id'])
      return answer?.status ?? 0
    }
    let refusals = 0
    for (let round = 0; round < rounds; round++) {
      const end = inject(standIn, round)
      const answers = Promise.all(Array.from({ length: burst }, (_, n) => open(n, `${round}/${n}`)))
      if (round % 6 === 5) await answers
      await end()
      for (const status of await answers) {
        assert.ok(status === 201 || status === 503, String(status))
        if (status === 503) refusals++
      }
    }
    const before = new Map(acknowledged)
    assert.ok(before.size > 0 && refusals > 0, `${before.size} acknowledged, ${refusals} refused`)
    // Every key again, at the other server: acknowledged commands get the same result, the others are decided now.
    for (const [n, key] of [...keys].entries()) assert.is(await open(n + 1, key), 201, key)
    for (const [key, id] of before) assert.is(acknowledged.get(key), id)
    assert.is(new Set(acknowledged.values()).size, keys.size)
    for (const client of clients) {
      const last = await client.post('/v1/tickets', { subject: 'Last', description: 'x', category: 'other' })
      const behind = { 'ledger-position': String(last.headers.get('ledger-position')) }
      for (const each of clients) {
        const { body } = await each.get('/v1/tickets?limit=1', behind)
        assert.is(body['total'], keys.size + 1 + clients.indexOf(client))
      }
    }
    for (let node = 0; node < 3; node++) standIn.kill(node)
    for (const server of servers) assert.is(await server.stop(), 0)
    console.log(`\nmeasured: ${before.size} of ${keys.size} commands acknowledged, ${refusals} refused meanwhile`)
  },
)

if (isReal) skipHere(import.meta.filename)
else chaos.run()
