import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  acmeTicketWithFile,
  notificationOfTwoKinds as id,
  startHttp,
  type HttpTestServer,
} from '../../support/http-server.ts'

const notifications = suite<{ http: HttpTestServer }>('notifications and preferences over HTTP')
notifications.before(async (context) => {
  context.http = await startHttp()
})
notifications.after(({ http }) => http.close())

const wrongPaths = async (response: Response): Promise<readonly string[]> => {
  assert.is(response.status, 400)
  const { errors } = (await response.json()) as { errors: { path: string }[] }
  return errors.map(({ path }) => path)
}

notifications('a notification is named by the first of its kinds, and lists the others', async ({ http }) => {
  const response = await http.get('/v1/notifications?limit=1', 'ann')
  const { items, next } = (await response.json()) as { items: unknown; next: string }
  assert.equal(
    { items },
    {
      items: [
        {
          id,
          kind: 'waiting_for_customer',
          also: ['support_commented'],
          ticket: { id: acmeTicketWithFile, subject: 'No sound' },
          actor: { id: 'sue', name: 'Sue Singh' },
          at: '2024-05-01T13:00:00.000Z',
          seen: false,
        },
      ],
    },
  )
  const rest = (await (await http.get(`/v1/notifications?cursor=${next}`, 'ann')).json()) as {
    items: { kind: string }[]
  }
  assert.equal(
    rest.items.map(({ kind }) => kind),
    ['support_commented'],
  )
  assert.equal(await wrongPaths(await http.get('/v1/notifications?limit=0&cursor=', 'ann')), ['limit', 'cursor'])
  assert.equal(await wrongPaths(await http.get('/v1/notifications?cursor=bad', 'ann')), ['cursor'])
})

notifications('seen takes an own notification, or none for all', async ({ http }) => {
  const response = await http.post('/v1/notifications/seen', 'ann', { upTo: id })
  assert.equal(await response.json(), { unreadNotifications: 2 })
  assert.is(response.headers.get('Ledger-Position'), '44')
  const all = await fetch(`${http.url}/v1/notifications/seen`, { method: 'POST', headers: http.bearer('ann') })
  assert.is(all.status, 200)
  assert.equal(await wrongPaths(await http.post('/v1/notifications/seen', 'ann', { upTo: 'elsewhere' })), ['upTo'])
})

notifications('preferences name the kinds of the own side only', async ({ http }) => {
  const customers = { opened_for_you: true, waiting_for_customer: true, support_commented: true }
  assert.equal(await (await http.get('/v1/preferences', 'ann')).json(), {
    mail: { closed_by_support: false, ...customers },
  })
  assert.equal(await (await http.get('/v1/preferences', 'sue')).json(), {
    mail: { reopened: false, assigned_to_you: false, customer_commented: false, new_ticket: true },
  })
  const set = await http.put('/v1/preferences', 'ann', { mail: { opened_for_you: false } })
  assert.is(set.status, 200)
  assert.equal(await set.json(), { mail: { closed_by_support: true, ...customers, opened_for_you: false } })
  const foreign = await http.put('/v1/preferences', 'ann', { mail: { new_ticket: true, opened_for_you: true } })
  assert.equal(await wrongPaths(foreign), ['mail.new_ticket'])
  assert.equal(await wrongPaths(await http.put('/v1/preferences', 'ann', { mail: { spam: true } })), ['mail.spam'])
  assert.equal(await wrongPaths(await http.put('/v1/preferences', 'ann', { mail: { opened_for_you: 1 } })), [
    'mail.opened_for_you',
  ])
})

notifications.run()
