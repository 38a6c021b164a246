import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoClient } from '../support/demo.ts'
import { startMailServer } from '../support/mail-server.ts'
import { startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/until.ts'

const unsubscribing = suite('one-click unsubscribing')

unsubscribing('ends mails of their kind for the recipient, and no others, without a sign-in', async () => {
  const folder = temporaryFolder()
  const mails = await startMailServer()
  const server = await startServer(folder.path, {
    LEDGERDESK_SMTP_URL: mails.url(),
    LEDGERDESK_PUBLIC_URL: 'https://localhost:8443',
  })
  try {
    const ann = await demoClient(server, folder.path, 'Ann Archer')
    const sue = await demoClient(server, folder.path, 'Sue Singh')
    const { body } = await ann.post('/v1/tickets', { subject: 'Dark', description: 'No picture', category: 'other' })
    const ticket = `/v1/tickets/${String(body['id'])}`
    await sue.post(`${ticket}/comments`, { body: 'Where?' })
    await mails.untilTaken(1)
    const mail = (mails.taken[0]?.raw ?? '').replaceAll('\r\n ', ' ')
    assert.match(mail, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m)
    const [, path = ''] = /^List-Unsubscribe: <https:\/\/localhost:8443(\/\S+)>\r$/m.exec(mail) ?? []

    assert.is((await fetch(server.url + path)).status, 200)
    assert.is(
      Object(await ann.get('/v1/preferences')).body.mail.support_commented,
      true,
      'opening the page changes nothing',
    )
    const click = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    })
    assert.is(click.status, 200)
    await eventually(async () => (await ann.get('/v1/preferences')).body['mail'], {
      closed_by_support: true,
      opened_for_you: true,
      waiting_for_customer: true,
      support_commented: false,
    })

    await sue.post(`${ticket}/comments`, { body: 'Still there?' })
    await sue.post(`${ticket}/close`)
    await mails.untilTaken(2)
    assert.equal(
      mails.taken.map(({ raw }) => /^Sue Singh \w+/m.exec(raw)?.[0]),
      ['Sue Singh commented', 'Sue Singh closed'],
    )
  } finally {
    await server.stop()
    await mails.stop()
    folder.remove()
  }
})

unsubscribing.run()
