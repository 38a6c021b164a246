import { writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { routes } from '../../adapters/http/routes/table.ts'
import { clientOf, idsOf, type Client } from '../support/client.ts'
import { goodBody } from '../support/good-bodies.ts'
import { demoClient, demoToken } from '../support/demo.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A ticket's life over HTTP: a real server in a process of its own, a real log, real tokens. */
interface Setup {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ann: Client
  bob: Client
  carla: Client
  sue: Client
}

const life = suite<Setup>("a ticket's life over HTTP")

life.before(async (setup) => {
  setup.folder = temporaryFolder()
  setup.server = await startServer(setup.folder.path)
  const as = (name: string): Promise<Client> => demoClient(setup.server, setup.folder.path, name)
  setup.ann = await as('Ann Archer')
  setup.bob = await as('Bob Baker')
  setup.carla = await as('Carla Costa')
  setup.sue = await as('Sue Singh')
  for (const person of [setup.ann, setup.bob, setup.carla, setup.sue]) await person.get('/v1/me')
})
life.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

const opened = async (client: Client, subject = 'No picture'): Promise<string> => {
  const answer = await client.post('/v1/tickets', { subject, description: 'It is dark.', category: 'video-cdn' })
  assert.is(answer.status, 201)
  return String(answer.body['id'])
}

life('the command line prints a token that the server accepts', async ({ server, folder }) => {
  const printed = await ledgerdesk(folder.path, 'token', '--demo', 'Tom Tran')
  assert.is(printed.code, 0, printed.stderr)
  assert.is((await clientOf(server.url, printed.stdout.trim()).get('/v1/me')).body['id'], 'tom')
  assert.is((await ledgerdesk(folder.path, 'token', '--demo', 'Nobody')).code, 1)
})

life('support finds customers of all accounts by name; customers may not search', async (setup) => {
  const { ann, sue } = setup
  const found = await sue.get('/v1/customers?q=co')
  assert.equal(found.body, {
    items: [{ id: 'carla', name: 'Carla Costa', email: 'carla@globex.example', account: 'globex' }],
  })
  assert.equal(idsOf((await sue.get('/v1/customers')).body), ['ann', 'bob', 'carla'], 'by name, and not Sue herself')
  assert.is((await ann.get('/v1/customers?q=co')).status, 403)
})

life('open, ask, answer, close, reopen: each is at once in the lists, the counters and the ticket', async (setup) => {
  const { ann, bob, sue } = setup
  const id = await opened(ann)
  assert.ok(idsOf((await bob.get('/v1/tickets')).body).includes(id))
  const asked = await sue.post(`/v1/tickets/${id}/comments`, { body: 'Where?', thenStatus: 'waiting_for_customer' })
  assert.is(asked.status, 201)
  assert.is(asked.body['status'], 'waiting_for_customer')
  assert.is((await bob.get('/v1/counters')).body['waiting'], 1)
  const listed = (await bob.get('/v1/tickets')).body
  const rows = Array.isArray(listed['items']) ? listed['items'] : []
  assert.is(rows.find((row) => row.id === id).unread, true)
  assert.is((await bob.post(`/v1/tickets/${id}/seen`)).body['unread'], false)
  assert.is((await ann.get('/v1/counters')).body['unreadTickets'], 1)
  assert.is((await bob.get('/v1/counters')).body['unreadTickets'], 0)
  assert.is((await bob.post(`/v1/tickets/${id}/comments`, { body: 'In Lima' })).body['status'], 'in_progress')
  assert.is((await bob.post(`/v1/tickets/${id}/close`)).body['status'], 'closed')
  assert.not.ok(idsOf((await ann.get('/v1/tickets')).body).includes(id))
  assert.ok(idsOf((await ann.get('/v1/tickets?view=archive')).body).includes(id))
  const refused = await ann.post(`/v1/tickets/${id}/comments`, { body: 'Hm' })
  assert.is(refused.status, 409)
  assert.is(refused.body['type'], '/problems/ticket-closed')
  assert.is((await ann.post(`/v1/tickets/${id}/reopen`, { body: 'Dark again' })).body['status'], 'open')
  const ticket = await ann.get(`/v1/tickets/${id}`)
  assert.is(ticket.headers.get('etag'), `"${ticket.body['version']}"`)
  const before = await ann.get(`/v1/tickets/${id}?version=1`)
  assert.is(before.body['status'], 'open')
  assert.equal(before.body['comments'], [])
  const history = await ann.get(`/v1/tickets/${id}/history`)
  const items = history.body['items']
  assert.equal(Array.isArray(items) ? items.map((item) => item.type) : [], [
    'Opened',
    'CommentAdded',
    'StatusChanged',
    'CommentAdded',
    'StatusChanged',
    'Closed',
    'Reopened',
    'CommentAdded',
  ])
})

life(
  'search finds by subject, text, comment and name, with a typing error and by a prefix, in its view',
  async (setup) => {
    const { ann, sue, carla } = setup
    const id = await opened(ann, 'Kubernetes cluster unreachable')
    await sue.post(`/v1/tickets/${id}/comments`, { body: 'The certificate expired in Zürich' })
    for (const q of [
      'kubernetes',
      'kuberntes',
      'kubrenetes',
      'clus',
      'zurich certificate',
      'dark cluster',
      'archer unreach',
    ]) {
      assert.ok(idsOf((await ann.get(`/v1/tickets?q=${encodeURIComponent(q)}`)).body).includes(id), q)
      assert.not.ok(idsOf((await carla.get(`/v1/tickets?q=${encodeURIComponent(q)}`)).body).includes(id), q)
      assert.not.ok(idsOf((await ann.get(`/v1/tickets?view=archive&q=${encodeURIComponent(q)}`)).body).includes(id), q)
    }
    assert.ok(idsOf((await sue.get('/v1/tickets?q=kubernetes&category=video-cdn')).body).includes(id))
    assert.equal(idsOf((await sue.get('/v1/tickets?q=kubernetes&category=billing')).body), [])
  },
)

life('pages reach every ticket once', async (setup) => {
  const { carla } = setup
  const ids = new Set<string>()
  for (let n = 0; n < 7; n++) ids.add(await opened(carla, `Ticket ${n}`))
  for (const sort of ['-created', 'created', '-updated', 'updated']) {
    const seen: unknown[] = []
    let cursor = ''
    do {
      const { body } = await carla.get(`/v1/tickets?limit=3&sort=${sort}${cursor}`)
      seen.push(...idsOf(body))
      cursor = body['next'] === null ? '' : `&cursor=${body['next']}`
    } while (cursor !== '')
    assert.is(seen.length, 7, sort)
    assert.equal(new Set(seen), ids)
  }
})

life('pages of a search continue after the last ticket, though that has left the result', async (setup) => {
  const { ann } = setup
  const ids: string[] = []
  for (let n = 0; n < 6; n++) ids.push(await opened(ann, `Zeppelin ${n}`))
  for (const sort of ['relevance', 'created', '-updated']) {
    const first = (await ann.get(`/v1/tickets?q=zeppelin&limit=2&sort=${sort}`)).body
    const [, last] = idsOf(first)
    await ann.post(`/v1/tickets/${last}/close`)
    const second = (await ann.get(`/v1/tickets?q=zeppelin&limit=2&sort=${sort}&cursor=${first['next']}`)).body
    assert.not.ok(
      idsOf(second).some((id) => idsOf(first).includes(id)),
      sort,
    )
    assert.is(idsOf(second).length, 2, sort)
    await ann.post(`/v1/tickets/${last}/reopen`, { body: 'Back' })
  }
})

life('another account’s ticket is not found, on any route that names one', async (setup) => {
  const { ann, carla } = setup
  const id = await opened(ann)
  const { body: before } = await ann.get(`/v1/tickets/${id}`)
  const walked = routes.filter(({ aboutTicket }) => aboutTicket)
  assert.ok(walked.length >= 9)
  for (const { method, path, operationId } of walked) {
    const to = path.replace('{id}', id)
    const nowhere = path.replace('{id}', 'T-00000000')
    const foreign = method === 'get' ? await carla.get(to) : await carla.post(to, goodBody(operationId))
    const missing = method === 'get' ? await carla.get(nowhere) : await carla.post(nowhere, goodBody(operationId))
    assert.is(foreign.status, 404, `${method} ${path}`)
    assert.equal({ ...foreign.body, instance: '' }, { ...missing.body, instance: '' })
  }
  assert.equal((await ann.get(`/v1/tickets/${id}`)).body, before)
})

life('a server restarted on the same folder responds to the same key and lists alike', async (setup) => {
  const key = { 'idempotency-key': 'again' }
  const request = { subject: 'Once', description: 'Only once.', category: 'other' }
  const first = await setup.ann.post('/v1/tickets', request, key)
  const list = await setup.ann.get('/v1/tickets')
  assert.is(await setup.server.stop(), 0)
  setup.server = await startServer(setup.folder.path)
  const token = await demoToken(setup.folder.path, 'Ann Archer')
  setup.ann = clientOf(setup.server.url, token)
  assert.equal((await setup.ann.post('/v1/tickets', request, key)).body, first.body)
  assert.equal((await setup.ann.get('/v1/tickets')).body, list.body)
  const other = await setup.ann.post('/v1/tickets', { ...request, subject: 'Twice' }, key)
  assert.is(other.status, 422)
})

life('the command line imports beside a running server, which shows the tickets', async (setup) => {
  const file = `${setup.folder.path}/import.ndjson`
  const actor = { id: 'zoe', name: 'Zoe', email: 'zoe@initech.example', role: 'customer', account: 'initech' }
  const lines = Array.from({ length: 50 }, (_, n) => ({
    key: `${n}`,
    at: '2020-01-01T00:00:00.000Z',
    ticket: `${n}`,
    actor,
    command: { type: 'open', subject: `Imported ${n}`, description: 'Old', category: 'other' },
  }))
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const [imported] = await Promise.all([
    ledgerdesk(setup.folder.path, 'import', file),
    ...Array.from({ length: 10 }, () => opened(setup.ann, 'Meanwhile')),
  ])
  assert.is(imported.code, 0, imported.stderr)
  const [last = ''] = (await ledgerdesk(setup.folder.path, 'export')).stdout.trim().split('\n').slice(-1)
  const token = await demoToken(setup.folder.path, 'Sue Singh')
  const sue = clientOf(setup.server.url, token)
  const { body } = await sue.get('/v1/tickets?account=initech', { 'ledger-position': JSON.parse(last).position })
  assert.is(body['total'], 50)
})

life.run()
