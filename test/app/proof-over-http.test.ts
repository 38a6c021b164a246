import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoClient } from '../support/demo.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A running server with one ticket. */
interface Setup {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ticket: string
}

const proofs = suite<Setup>('proofs over HTTP')

proofs.before(async (setup) => {
  setup.folder = temporaryFolder()
  setup.server = await startServer(setup.folder.path)
  const ann = await demoClient(setup.server, setup.folder.path, 'Ann Archer')
  const { body } = await ann.post('/v1/tickets', { subject: 'One', description: 'Two.', category: 'other' })
  setup.ticket = String(body['id'])
})
proofs.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

const recordedReadings = async ({ folder }: Setup): Promise<number> =>
  (await ledgerdesk(folder.path, 'export')).stdout.split('\n').filter((line) => line.includes('"HistoryRead"')).length

proofs('an auditor who downloads a bundle is recorded; concurrent requests each get one', async (setup) => {
  const ada = await demoClient(setup.server, setup.folder.path, 'Ada Adler')
  const before = await recordedReadings(setup)
  const answers = await Promise.all(Array.from({ length: 5 }, () => ada.fetch(`/v1/tickets/${setup.ticket}/proof`)))
  for (const answer of answers) {
    assert.is(answer.status, 200)
    assert.is(answer.headers.get('content-disposition'), `attachment; filename=${setup.ticket}.bundle.json`)
    const bundle: unknown = await answer.json()
    assert.match(JSON.stringify(bundle), setup.ticket)
  }
  assert.is(await recordedReadings(setup), before + 5)
  assert.is((await ada.get('/v1/tickets/T-00000000/proof')).status, 404)
})

proofs('a request that is refused as not ready is not recorded', async (setup) => {
  const ada = await demoClient(setup.server, setup.folder.path, 'Ada Adler')
  const before = await recordedReadings(setup)
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await ada.get(`/v1/tickets/${setup.ticket}/proof`)).status),
  )
  const shown = statuses.filter((status) => status === 200).length
  assert.ok(shown < statuses.length)
  assert.equal(new Set(statuses), new Set([200, 503]))
  assert.is(await recordedReadings(setup), before + shown)
})

proofs('a bundle contains addresses: customers and analysts are refused, and other accounts get 404', async (setup) => {
  const statuses: number[] = []
  for (const name of ['Sue Singh', 'Ann Archer', 'Carla Costa', 'Ira Ito']) {
    const client = await demoClient(setup.server, setup.folder.path, name)
    statuses.push((await client.get(`/v1/tickets/${setup.ticket}/proof`)).status)
  }
  assert.equal(statuses, [200, 403, 404, 403])
})

proofs('a ticket that the signed log does not contain is not proved', async (setup) => {
  const sue = await demoClient(setup.server, setup.folder.path, 'Sue Singh')
  const db = new Sqlite(join(setup.folder.path, 'proofs.db'))
  db.exec('UPDATE leaves SET hash = zeroblob(32)')
  db.close()
  const answer = await sue.get(`/v1/tickets/${setup.ticket}/proof`)
  assert.is(answer.status, 500)
  assert.is(answer.body['type'], '/problems/damaged-stream')
  assert.is((await sue.get(`/v1/tickets/${setup.ticket}`)).status, 200)
})

proofs.run()
