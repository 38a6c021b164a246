import { simpleParser } from 'mailparser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { smtpMailer } from '../../../adapters/mail/smtp.ts'
import type { Mail } from '../../../domain/mail/mailer.ts'
import { startMailServer, type MailServerOptions } from '../../support/mail-server.ts'

const smtp = suite('SMTP mailer')

const mail: Mail = {
  messageId: '<m-1@desk.example>',
  thread: '<T-AAAAAAAA@desk.example>',
  to: { name: 'Ann Archer', address: 'ann@acme.example' },
  at: '2026-01-01T10:00:00.000Z',
  subject: '[T-AAAAAAAA] Dünkler, dünkler',
  text: 'Sue commented.\n\n.\nA line of one dot, and\n.another\n',
  html: '<p>Sue commented.</p>',
  preferences: 'https://desk.example/preferences',
  unsubscribe: 'https://desk.example/unsubscribe/x.y',
}
const from = { name: 'Help Desk', address: 'desk@desk.example' }
/** In ms: so long that no busy machine reaches them. */
const timeouts = { connectMs: 60_000, mailMs: 60_000 }

const withServer = async (
  options: MailServerOptions & { readonly mailMs?: number },
  use: (server: Awaited<ReturnType<typeof startMailServer>>, mailer: ReturnType<typeof smtpMailer>) => Promise<void>,
): Promise<void> => {
  const server = await startMailServer(options)
  const { hostname, port, username, password } = new URL(server.url())
  const auth = username === '' ? undefined : { user: username, pass: password }
  const mailer = smtpMailer({
    server: { host: hostname, port: Number(port), secure: false, auth },
    from,
    timeouts: { ...timeouts, mailMs: options.mailMs ?? timeouts.mailMs },
  })
  try {
    await use(server, mailer)
  } finally {
    mailer.close()
    await server.stop()
  }
}

smtp('one mail to one recipient arrives as it was written', () =>
  withServer({}, async (server, mailer) => {
    assert.equal(await mailer.send(mail), { tag: 'Taken' })
    const [taken] = server.taken
    assert.equal(taken?.to, ['ann@acme.example'])
    assert.is(taken?.from, 'desk@desk.example')
    const parsed = await simpleParser(taken?.raw ?? '')
    assert.is(parsed.subject, mail.subject)
    assert.is(parsed.messageId, mail.messageId)
    assert.equal([parsed.inReplyTo, parsed.references], [mail.thread, mail.thread])
    assert.is(parsed.from?.text, '"Help Desk" <desk@desk.example>')
    assert.is(parsed.date?.toISOString(), mail.at)
    assert.is(parsed.text?.trim(), mail.text.trim())
    assert.is(typeof parsed.html === 'string' ? parsed.html.trim() : '', mail.html)
    assert.is(parsed.headers.get('auto-submitted'), 'auto-generated')
    assert.match(
      (taken?.raw ?? '').replaceAll('\r\n ', ' '),
      /^List-Unsubscribe: <https:\/\/desk.example\/unsubscribe\/x.y>\r$/m,
    )
  }),
)

smtp('one connection serves many mails', () =>
  withServer({}, async (server, mailer) => {
    for (let n = 0; n < 5; n++) assert.is((await mailer.send(mail)).tag, 'Taken')
    assert.is(server.taken.length, 5)
    assert.is(server.connections(), 1)
  }),
)

smtp('each reply of the server has its outcome', async () => {
  const handlings = [
    [{ refuse: 450, at: 'recipient' }, 'Deferred'],
    [{ refuse: 550, at: 'recipient' }, 'Refused'],
    [{ refuse: 452, at: 'mail' }, 'Deferred'],
    [{ refuse: 421, at: 'mail' }, 'Deferred'],
    [{ refuse: 554, at: 'mail' }, 'Refused'],
    ['drop', 'Deferred'],
    ['take-and-drop', 'Deferred'],
    ['take', 'Taken'],
  ] as const
  await withServer({ handle: (_to, attempt) => handlings[attempt - 1]?.[0] ?? 'take' }, async (server, mailer) => {
    for (const [handling, tag] of handlings) {
      assert.is((await mailer.send(mail)).tag, tag, JSON.stringify(handling))
    }
    assert.is(server.taken.length, 2)
  })
})

smtp('a server that stops replying defers the mail after the timeout', () =>
  withServer(
    { handle: (_to, attempt) => (attempt === 1 ? 'take' : 'stall'), mailMs: 2_000 },
    async (_server, mailer) => {
      assert.is((await mailer.send(mail)).tag, 'Taken')
      assert.is((await mailer.send(mail)).tag, 'Deferred')
    },
  ),
)

smtp('a stopped server is unreachable until it is started again', () =>
  withServer({}, async (server, mailer) => {
    assert.is((await mailer.send(mail)).tag, 'Taken')
    await server.stop()
    assert.is((await mailer.send(mail)).tag, 'Unreachable')
    await server.start()
    assert.is((await mailer.send(mail)).tag, 'Taken')
  }),
)

smtp('a kept connection that the server closed costs no attempt', () =>
  withServer({}, async (server, mailer) => {
    assert.is((await mailer.send(mail)).tag, 'Taken')
    await server.stop()
    await server.start()
    assert.is((await mailer.send(mail)).tag, 'Taken')
    assert.is(server.taken.length, 2)
  }),
)

smtp('a wrong or missing password makes the server unreachable, and refuses no mail', async () => {
  const user = { name: 'desk', password: 'secret' }
  await withServer({ user }, async (server, mailer) => {
    assert.is((await mailer.send(mail)).tag, 'Taken')
    const { port } = new URL(server.url())
    const wrong = smtpMailer({
      server: { host: '127.0.0.1', port: Number(port), secure: false, auth: { user: 'desk', pass: 'guess' } },
      from,
      timeouts,
    })
    assert.is((await wrong.send(mail)).tag, 'Unreachable')
    wrong.close()
    const without = smtpMailer({
      server: { host: '127.0.0.1', port: Number(port), secure: false, auth: undefined },
      from,
      timeouts,
    })
    assert.is((await without.send(mail)).tag, 'Unreachable')
    without.close()
  })
})

smtp('a password is not sent without TLS to another machine', async () => {
  const user = { name: 'desk', password: 'secret' }
  await withServer({ user }, async (server) => {
    const { port } = new URL(server.url())
    // This machine, by an address that is not recognised as loopback.
    const host = '::ffff:127.0.0.1'
    const auth = { user: 'desk', pass: 'secret' }
    const mailer = smtpMailer({ server: { host, port: Number(port), secure: false, auth }, from, timeouts })
    const delivery = await mailer.send(mail)
    assert.is(delivery.tag, 'Unreachable')
    assert.match(JSON.stringify(delivery), 'STARTTLS')
    assert.is(server.connections(), 1)
    mailer.close()
  })
})

smtp('a recipient that is not a single address is refused', () =>
  withServer({}, async (server, mailer) => {
    for (const address of ['', 'ann', 'a@b, c@d', 'a@b\r\nBcc: c@d', '<a@b>', 'a b@c', '"a"@b', 'a@b>', 'Ann <a@b>']) {
      assert.is((await mailer.send({ ...mail, to: { name: 'Ann', address } })).tag, 'Refused', address)
    }
    assert.is(server.taken.length, 0)
  }),
)

smtp.run()
