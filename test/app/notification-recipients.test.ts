import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Client } from '../support/client.ts'
import { demoClient } from '../support/demo.ts'
import { startServer, temporaryFolder, type RunningServer } from '../support/server.ts'

/** The whole house: what people are told, over HTTP, on the real log. */
interface House {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ann: Client
  carla: Client
  sue: Client
  tom: Client
}

const told = suite<House>('being told')

told.before(async (house) => {
  house.folder = temporaryFolder()
  house.server = await startServer(house.folder.path)
  const as = (name: string): Promise<Client> => demoClient(house.server, house.folder.path, name)
  house.ann = await as('Ann Archer')
  house.carla = await as('Carla Costa')
  house.sue = await as('Sue Singh')
  house.tom = await as('Tom Tran')
  for (const person of [house.ann, house.carla, house.sue, house.tom]) await person.get('/v1/me')
})
told.after(async ({ server, folder }) => {
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

told('each side is told of the other’s doings at once, and marks them as seen for itself', async (house) => {
  const { ann, carla, sue, tom } = house
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
})

told('every page of a list leads to the next', async ({ ann, tom }) => {
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

told.run()
