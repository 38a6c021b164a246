import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdeskIn } from '../support/server.ts'
import { idsOf } from '../support/client.ts'
import { startCluster, type Cluster } from '../support/cluster.ts'
import { emptyLog } from '../support/eventstoredb/place.ts'

const ticket = { subject: 'No picture', description: 'It is dark.', category: 'video-cdn' }

/** The types of all events except those of the mail outbox. */
const typesIn = async ({ env }: Cluster): Promise<readonly unknown[]> => {
  const { stdout } = await ledgerdeskIn({ ...env, LEDGERDESK_DATA: '/nowhere' }, 'export')
  const types = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line).type)
  return types.filter((type) => type !== 'MailsMarked')
}

const cluster = suite<{ cluster: Cluster }>('several servers on one cluster')
cluster.before.each(async (context) => {
  context.cluster = startCluster(await emptyLog())
})
cluster.after.each(({ cluster }) => cluster.close())

cluster('a command is in the lists of its own server at once, and of another from its position on', async (context) => {
  const [one, two] = await Promise.all([context.cluster.serve(), context.cluster.serve()])
  const [ann, bob, sue] = [await one.as('Ann Archer'), await two.as('Bob Baker'), await two.as('Sue Singh')]
  const opened = await ann.post('/v1/tickets', ticket, { 'idempotency-key': 'k' })
  assert.is(opened.status, 201)
  const id = String(opened.body['id'])
  assert.equal(idsOf((await ann.get('/v1/tickets')).body), [id])
  const behind = { 'ledger-position': String(opened.headers.get('ledger-position')) }
  assert.equal(idsOf((await bob.get('/v1/tickets', behind)).body), [id])
  const asked = await sue.post(`/v1/tickets/${id}/comments`, { body: 'Where?', thenStatus: 'waiting_for_customer' })
  assert.is(asked.status, 201)
  const counters = await ann.get('/v1/counters', { 'ledger-position': String(asked.headers.get('ledger-position')) })
  assert.is(counters.body['waiting'], 1)
  const again = await bob.post('/v1/tickets', ticket, { 'idempotency-key': 'k' })
  assert.is.not(again.body['id'], id, 'a key belongs to its caller')
  const annAtTwo = await two.as('Ann Archer')
  const repeated = await annAtTwo.post('/v1/tickets', ticket, { 'idempotency-key': 'k' })
  assert.is(repeated.body['id'], id)
  assert.is(repeated.body['version'], 1)
})

cluster('two servers deciding on one ticket at once lose and duplicate nothing', async (context) => {
  const [one, two] = await Promise.all([context.cluster.serve(), context.cluster.serve()])
  const [ann, bob] = [await one.as('Ann Archer'), await two.as('Bob Baker')]
  const id = String((await ann.post('/v1/tickets', ticket)).body['id'])
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? ann : bob).post(`/v1/tickets/${id}/comments`, { body: `${n}` }),
    ),
  )
  const stored = answers.filter(({ status }) => status === 201).length
  assert.ok(stored > 0)
  assert.ok(answers.every(({ status }) => status === 201 || status === 503))
  const history = await ann.get(`/v1/tickets/${id}/history`)
  assert.is(idsOf(history.body).length, 1 + stored)
  assert.is(new Set(answers.flatMap(({ body }) => body['version'] ?? [])).size, stored)
})

cluster('a sign-out holds at all servers, and after a restart', async (context) => {
  const [one, two] = await Promise.all([context.cluster.serve(), context.cluster.serve()])
  const signedIn = await fetch(`${one.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: one.url },
    body: JSON.stringify({ person: 'ada' }),
  })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';', 1).join()
  const meAt = async (url: string): Promise<number> => (await fetch(`${url}/v1/me`, { headers: { cookie } })).status
  assert.is(await meAt(two.url), 200)
  for (let times = 0; times < 2; times++) {
    const out = await fetch(`${one.url}/auth/logout`, { method: 'POST', headers: { cookie, origin: one.url } })
    assert.is(out.status, 200)
  }
  assert.is(await meAt(one.url), 401)
  while ((await meAt(two.url)) !== 401);
  assert.is(await meAt((await context.cluster.serve()).url), 401)
  assert.equal(await typesIn(context.cluster), ['SignedOut'], 'once, and not even an auditor unrecorded')
})

cluster('the command line reads the same log', async (context) => {
  const server = await context.cluster.serve()
  const ann = await server.as('Ann Archer')
  const id = String((await ann.post('/v1/tickets', ticket)).body['id'])
  const env = { ...context.cluster.env, LEDGERDESK_DATA: '/nowhere' }
  const history = await ledgerdeskIn(env, 'history', id, '--json')
  assert.is(history.code, 0, history.stderr)
  assert.is(JSON.parse(history.stdout.trim()).type, 'Opened')
  const restored = await ledgerdeskIn(env, 'import', '--events', 'package.json')
  assert.is(restored.code, 1)
  assert.match(restored.stderr, /go into a folder first/)
  assert.equal(await typesIn(context.cluster), ['SignedIn', 'Opened'])
})

cluster.run()
