import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { idsOf } from '../support/client.ts'
import { startCluster, type Cluster } from '../support/cluster.ts'
import { isReal, withOption } from '../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../support/eventstoredb/stand-in.ts'
import { skipHere } from '../support/skips.ts'

const ticket = { subject: 'No picture', description: 'It is dark.', category: 'video-cdn' }

const cluster = suite<{ standIn: StandIn; cluster: Cluster }>('servers on a failing cluster')
cluster.before.each(async (context) => {
  context.standIn = await startStandIn()
  const connectionString = withOption(context.standIn.connectionString, 'defaultDeadline=2000')
  context.cluster = startCluster({ ...context.standIn, connectionString })
})
cluster.after.each(({ cluster }) => cluster.close())

cluster('a late answer is 503 with the outcome that is known; repeating the key settles it', async (context) => {
  const { faults } = context.standIn
  const server = await context.cluster.serve()
  const ann = await server.as('Ann Archer')
  const id = String((await ann.post('/v1/tickets', ticket)).body['id'])
  const comment = (body: string) => ann.post(`/v1/tickets/${id}/comments`, { body }, { 'idempotency-key': body })

  faults.before = () => 'silent'
  const slow = await comment('slow')
  assert.equal([slow.status, slow.body['type']], [503, '/problems/not-ready'])

  faults.before = (method) => (method === 'append' ? 'silent' : 'none')
  const unknown = await comment('unknown')
  assert.equal([unknown.status, unknown.body['type']], [503, '/problems/outcome-unknown'])

  faults.before = () => 'none'
  faults.after = (method) => (method === 'append' ? 'silent' : 'none')
  const lost = await comment('lost')
  assert.equal([lost.status, lost.body['version']], [201, 2])

  faults.after = () => 'none'
  assert.is((await comment('unknown')).body['version'], 3)
  assert.is((await comment('lost')).body['version'], 2)
  assert.is(idsOf((await ann.get(`/v1/tickets/${id}/history`)).body).length, 3)
})

cluster('a node that is down is 503 not-ready, until it is back', async (context) => {
  const server = await context.cluster.serve()
  const ann = await server.as('Ann Archer')
  const id = String((await ann.post('/v1/tickets', ticket)).body['id'])
  context.standIn.kill()
  const refused = await ann.post(`/v1/tickets/${id}/comments`, { body: 'Hello?' })
  assert.is(refused.status, 503)
  assert.is(refused.body['type'], '/problems/not-ready')
  assert.equal(idsOf((await ann.get('/v1/tickets')).body), [id], 'lists are still served')
  await context.standIn.restart()
  const stored = await ann.post(`/v1/tickets/${id}/comments`, { body: 'Hello?' })
  assert.is(stored.status, 201)
  assert.is(stored.body['version'], 2)
  assert.equal(idsOf((await ann.get('/v1/tickets?q=hello')).body), [id])
  assert.is(await server.stop(), 0)
})

cluster('a server that is started while the cluster is down serves once it is up', async ({ cluster, standIn }) => {
  const { faults } = standIn
  await new Promise<void>((retried, failed) => {
    let calls = 0
    faults.before = (method) => {
      // More calls than one attempt makes.
      if (method === 'readAll' && ++calls > 20) retried()
      return 'unavailable'
    }
    cluster.serve().catch(failed)
  })
  faults.before = () => 'none'
  const second = await cluster.serve()
  const ann = await second.as('Ann Archer')
  assert.is((await ann.post('/v1/tickets', ticket)).status, 201)
})

if (isReal) skipHere(import.meta.filename)
else cluster.run()
