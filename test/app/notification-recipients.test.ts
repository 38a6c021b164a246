import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Client } from '../support/client.ts'
import { demoClient } from '../support/demo.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Notifications over HTTP, from a real server. */
interface Setup {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ann: Client
  carla: Client
  sue: Client
  tom: Client
}

const notifications = suite<Setup>('notifications over HTTP')

notifications.before(async (setup) => {
  setup.folder = temporaryFolder()
  setup.server = await startServer(setup.folder.path)
  const as = (name: string): Promise<Client> => demoClient(setup.server, setup.folder.path, name)
  setup.ann = await as('Ann Archer')
  setup.carla = await as('Carla Costa')
  setup.sue = await as('Sue Singh')
  setup.tom = await as('Tom Tran')
  for (const person of [setup.ann, setup.carla, setup.sue, setup.tom]) await person.get('/v1/me')
})
notifications.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

const listOf = async (person: Client): Promise<readonly string[]> => {
  const { items } = (await person.get('/v1/notifications')).body
  return Array.isArray(items)
    ? items.map(({ kind, also, seen }) => `${[kind, ...also].join('+')}${seen ? '' : ' *'}`)
    : []
}
const unseen = async (person: Client): Promise<unknown> =>
  (await person.get('/v1/counters')).body['unreadNotifications']

notifications(
  'each side is notified of the other’s commands at once, and marks notifications as seen for itself',
  async (setup) => {
    const { ann, carla, sue, tom } = setup
    const opened = await ann.post('/v1/tickets', { subject: 'Dark', description: 'No picture', category: 'video-cdn' })
    const ticket = `/v1/tickets/${String(opened.body['id'])}`
    assert.equal([await listOf(sue), await listOf(tom)], [['new_ticket *'], ['new_ticket *']])
    await sue.post(`${ticket}/comments`, { body: 'Where?', thenStatus: 'waiting_for_customer' })
    await ann.post(`${ticket}/comments`, { body: 'Here' })
    await sue.post(`${ticket}/close`)
    assert.equal(await listOf(ann), ['closed_by_support *', 'waiting_for_customer+support_commented *'])
    assert.equal([await unseen(ann), await unseen(sue), await unseen(tom)], [2, 2, 1])
    const { items } = (await ann.get('/v1/notifications?limit=1')).body
    const [closed] = Array.isArray(items) ? items : []
    const seen = await ann.post('/v1/notifications/seen', { upTo: closed.id })
    assert.equal(seen.body, { unreadNotifications: 0 })
    assert.equal(await listOf(ann), ['closed_by_support', 'waiting_for_customer+support_commented'])
    assert.equal((await sue.post('/v1/notifications/seen')).body, { unreadNotifications: 0 })
    assert.is(await unseen(tom), 1)
    assert.equal(await listOf(carla), [])
    assert.is((await carla.post('/v1/notifications/seen', { upTo: closed.id })).status, 400)
  },
)

notifications('every page of a list leads to the next', async ({ ann, tom }) => {
  for (const subject of ['One', 'Two', 'Three']) {
    await ann.post('/v1/tickets', { subject, description: 'x', category: 'other' })
  }
  const subjects: unknown[] = []
  let next: unknown = ''
  while (typeof next === 'string') {
    const { body } = await tom.get(`/v1/notifications?limit=2${next === '' ? '' : `&cursor=${next}`}`)
    if (Array.isArray(body['items'])) subjects.push(...body['items'].map(({ ticket }) => ticket.subject))
    next = body['next']
  }
  assert.equal(subjects, ['Three', 'Two', 'One', 'Dark'])
})

notifications.run()
