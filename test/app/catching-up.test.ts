import { rmSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { writeLog } from '../bench/write-log.ts'
import { clientOf } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { freePort } from '../support/free-port.ts'
import { spawnServer, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const test = suite('a server whose read models are far behind the log')

const opening = { subject: 'No picture', description: 'It is dark.', category: 'other' }

test('answers from the log what the log alone can answer; what needs read models is not ready, with the progress', async () => {
  const { path: folder, remove } = temporaryFolder()
  const first = await startServer(folder)
  const [annToken, sueToken] = [await demoToken(folder, 'Ann Archer'), await demoToken(folder, 'Sue Singh')]
  const ended = await demoToken(folder, 'Ann Archer')
  const { body } = await clientOf(first.url, annToken).post('/v1/tickets', opening, { 'idempotency-key': 'one' })
  const id = String(body['id'])
  await clientOf(first.url, sueToken).post(`/v1/tickets/${id}/comments`, { body: 'Since when?' })
  await first.stop()
  const store = openSqliteEventStore({ folder })
  await writeLog(store, ['The stream is dark since noon, please advise.'], 10, 40_000)
  await store.close()
  for (const file of readdirSync(folder)) if (/^(read-models|reports)/.test(file)) rmSync(join(folder, file))

  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await spawnServer(folder, { PORT: `${port}` })
  const [ann, sue] = [clientOf(url, annToken), clientOf(url, sueToken)]
  await until(async () => (await ann.get(`/v1/tickets/${id}`).catch(() => null))?.status === 200)

  const ticket = async () => (await ann.get(`/v1/tickets/${id}`)).body
  const shown = await ticket()
  assert.equal([shown['subject'], shown['version'], shown['unread']], ['No picture', 3, true])
  assert.is((await ann.fetch(`/v1/tickets/${id}`, { 'ledger-position': '40000' })).status, 200, 'nothing is waited for')
  assert.is((await ann.get(`/v1/tickets/${id}/history`)).status, 200)
  const seen = await ann.post(`/v1/tickets/${id}/seen`, {})
  assert.equal([seen.status, seen.body], [200, { unread: false }])
  assert.is((await ticket())['unread'], false)
  const repeated = await ann.post('/v1/tickets', opening, { 'idempotency-key': 'one' })
  assert.equal([repeated.status, repeated.body['id']], [201, id])
  const opened = await ann.post('/v1/tickets', opening, { 'idempotency-key': 'two' })
  assert.is(opened.status, 201)
  assert.is((await sue.post(`/v1/tickets/${id}/take`, {})).status, 200)
  assert.is((await clientOf(url, ended).get('/v1/me')).status, 200)
  const assigned = await sue.post(`/v1/tickets/${id}/assign`, {
    assignee: { id: 'agent-1', name: 'Agent 1', email: 'agent-1@support.example' },
  })
  for (const refused of [assigned, await ann.get('/v1/tickets'), await ann.get('/v1/counters')]) {
    assert.equal([refused.status, refused.body['type']], [503, '/problems/not-ready'])
  }
  const { status, body: state } = await ann.get('/readyz')
  assert.equal([status, state['status']], [503, 'catching-up'], 'the log is too short for this test')

  await server.serving
  assert.is((await ann.get('/readyz')).status, 200)
  const listed = (await ann.get('/v1/tickets')).body['items'] as readonly { readonly id: string }[]
  assert.equal(
    listed.map((each) => each.id).toSorted((a, b) => a.localeCompare(b)),
    [id, String(opened.body['id'])].toSorted((a, b) => a.localeCompare(b)),
  )
  server.process.kill('SIGKILL')
  await server.ended
  remove()
})

test.run()
