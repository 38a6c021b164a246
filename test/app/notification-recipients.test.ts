import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Client } from '../support/client.ts'
import { demoClient } from '../support/demo.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/until.ts'

/** A real server on a real log, and people who call it. */
interface Context {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ann: Client
  carla: Client
  sue: Client
  tom: Client
}

const notified = suite<Context>('recipients of notifications')

notified.before(async (context) => {
  context.folder = temporaryFolder()
  context.server = await startServer(context.folder.path)
  const as = (name: string): Promise<Client> => demoClient(context.server, context.folder.path, name)
  context.ann = await as('Ann Archer')
  context.carla = await as('Carla Costa')
  context.sue = await as('Sue Singh')
  context.tom = await as('Tom Tran')
  for (const person of [context.ann, context.carla, context.sue, context.tom]) await person.get('/v1/me')
})
notified.after(async ({ server, folder }) => {
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

notified(
  'each side is notified of what the other does, and marks notifications as seen for itself',
  async (context) => {
    const { ann, carla, sue, tom } = context
    const opened = await ann.post('/v1/tickets', { subject: 'Dark', description: 'No picture', category: 'video-cdn' })
    const ticket = `/v1/tickets/${String(opened.body['id'])}`
    await eventually(() => listOf(sue), ['new_ticket *'])
    await eventually(() => listOf(tom), ['new_ticket *'])
    await sue.post(`${ticket}/comments`, { body: 'Where?', thenStatus: 'waiting_for_customer' })
    await ann.post(`${ticket}/comments`, { body: 'Here' })
    await sue.post(`${ticket}/close`)
    await eventually(() => listOf(ann), ['closed_by_support *', 'waiting_for_customer+support_commented *'])
    assert.equal([await unseen(ann), await unseen(sue), await unseen(tom)], [2, 2, 1])
    const { items } = (await ann.get('/v1/notifications?limit=1')).body
    const [closed] = Array.isArray(items) ? items : []
    const seen = await ann.post('/v1/notifications/seen', { upTo: closed.id })
    assert.equal(seen.body, { unreadNotifications: 0 })
    await eventually(() => listOf(ann), ['closed_by_support', 'waiting_for_customer+support_commented'])
    assert.equal((await sue.post('/v1/notifications/seen')).body, { unreadNotifications: 0 })
    assert.is(await unseen(tom), 1)
    assert.equal(await listOf(carla), [])
    assert.is((await carla.post('/v1/notifications/seen', { upTo: closed.id })).status, 400)
  },
)

notified('every page of a list leads to the next', async ({ ann, tom }) => {
  for (const subject of ['One', 'Two', 'Three']) {
    await ann.post('/v1/tickets', { subject, description: 'x', category: 'other' })
  }
  const subjectsByPages = async (): Promise<readonly unknown[]> => {
    const subjects: unknown[] = []
    let next: unknown = ''
    while (typeof next === 'string') {
      const { body } = await tom.get(`/v1/notifications?limit=2${next === '' ? '' : `&cursor=${next}`}`)
      if (Array.isArray(body['items'])) subjects.push(...body['items'].map(({ ticket }) => ticket.subject))
      next = body['next']
    }
    return subjects
  }
  await eventually(subjectsByPages, ['Three', 'Two', 'One', 'Dark'])
})

notified.run()
