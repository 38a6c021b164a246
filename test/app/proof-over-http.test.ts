import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoClient } from '../support/demo.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A bundle from the running server; that it passes elsewhere the browser's tests show. */
interface House {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ticket: string
}

const proofs = suite<House>('proofs over HTTP')

proofs.before(async (house) => {
  house.folder = temporaryFolder()
  house.server = await startServer(house.folder.path)
  const ann = await demoClient(house.server, house.folder.path, 'Ann Archer')
  const { body } = await ann.post('/v1/tickets', { subject: 'One', description: 'Two.', category: 'other' })
  house.ticket = String(body['id'])
})
proofs.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

const readings = async ({ folder }: House): Promise<number> =>
  (await ledgerdesk(folder.path, 'export')).stdout.split('\n').filter((line) => line.includes('"HistoryRead"')).length

proofs('an auditor who takes one is on record; many who ask at once each get one', async (house) => {
  const ada = await demoClient(house.server, house.folder.path, 'Ada Adler')
  const before = await readings(house)
  const answers = await Promise.all(Array.from({ length: 5 }, () => ada.fetch(`/v1/tickets/${house.ticket}/proof`)))
  for (const answer of answers) {
    assert.is(answer.status, 200)
    assert.is(answer.headers.get('content-disposition'), `attachment; filename=${house.ticket}.bundle.json`)
    const bundle: unknown = await answer.json()
    assert.match(JSON.stringify(bundle), house.ticket)
  }
  assert.is(await readings(house), before + 5)
  assert.is((await ada.get('/v1/tickets/T-00000000/proof')).status, 404)
})

proofs('who is told to come back was shown nothing, and is not on record', async (house) => {
  const ada = await demoClient(house.server, house.folder.path, 'Ada Adler')
  const before = await readings(house)
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await ada.get(`/v1/tickets/${house.ticket}/proof`)).status),
  )
  const shown = statuses.filter((status) => status === 200).length
  assert.ok(shown < statuses.length)
  assert.equal(new Set(statuses), new Set([200, 503]))
  assert.is(await readings(house), before + shown)
})

proofs(
  "a bundle holds mails: customers and analysts get none, and of others' tickets nothing is known",
  async (house) => {
    const statuses: number[] = []
    for (const name of ['Sue Singh', 'Ann Archer', 'Carla Costa', 'Ira Ito']) {
      const client = await demoClient(house.server, house.folder.path, name)
      statuses.push((await client.get(`/v1/tickets/${house.ticket}/proof`)).status)
    }
    assert.equal(statuses, [200, 403, 404, 403])
  },
)

proofs('what does not stand in the log that was signed is not proved', async (house) => {
  const sue = await demoClient(house.server, house.folder.path, 'Sue Singh')
  const db = new Sqlite(join(house.folder.path, 'proofs.db'))
  db.exec('UPDATE leaves SET hash = zeroblob(32)')
  db.close()
  const answer = await sue.get(`/v1/tickets/${house.ticket}/proof`)
  assert.is(answer.status, 500)
  assert.is(answer.body['type'], '/problems/damaged-stream')
  assert.is((await sue.get(`/v1/tickets/${house.ticket}`)).status, 200)
})

proofs.run()
