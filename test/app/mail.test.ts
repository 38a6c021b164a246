import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openOutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn, type Outbox } from '../../adapters/mail/outbox.ts'
import type { Customer } from '../../domain/actor.ts'
import type { TicketId } from '../../domain/ids.ts'
import { callBy, right } from '../support/command-ports.ts'
import { accountId } from '../support/ids.ts'
import { mailerTo, mailSetup, type MailSetup } from '../support/mail-setup.ts'
import { startMailServer, type Handling, type MailServer } from '../support/mail-server.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'
import { until } from '../support/until.ts'

interface Context {
  setup: MailSetup
  server: MailServer
  handle: (recipient: string, attempt: number) => Handling
}

const mails = suite<Context>('mails')

mails.before.each(async (context) => {
  context.handle = () => 'take'
  context.server = await startMailServer({ handle: (recipient, attempt) => context.handle(recipient, attempt) })
  context.setup = await mailSetup()
})
mails.after.each(async ({ setup, server }) => {
  await setup.close()
  await server.stop()
})

const open = async ({ commands }: MailSetup, by = ann, subject = 'No picture'): Promise<TicketId> =>
  right(await commands.open(callBy(by), { type: 'open', subject, description: 'It is dark.', category: 'technical' })())
    .id
const comment = async (
  { commands }: MailSetup,
  by: typeof ann | typeof sue,
  ticket: TicketId,
  body = 'Hello',
): Promise<void> => {
  right(await commands.act(callBy(by), ticket, { type: 'comment', body })())
}

/** Opens the outbox as `ledgerdesk mail` does, beside the running mailer. */
const withOutbox = <A>({ folder }: MailSetup, use: (outbox: Outbox) => A): A => {
  const file = openOutboxFile(folder)
  try {
    return use(outboxIn(file))
  } finally {
    file.close()
  }
}

/** Waits until the whole log was read and no mail waits; dead letters may remain. */
const settled = async (setup: MailSetup): Promise<void> => {
  const head = right(await setup.store.head()())
  await until(() => withOutbox(setup, (outbox) => outbox.position() === head && outbox.counts().waiting === 0))
}

const recipients = ({ taken }: MailServer): readonly string[] => taken.flatMap(({ to }) => to).toSorted()

mails('each recipient of a notification gets one mail, and nobody else does', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  await open(setup, eve)
  await comment(setup, bob, ticket)
  await comment(setup, sue, ticket, 'Which <browser>?')
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example', 'bob@acme.example'])
  const parsed = await simpleParser(server.taken[0]?.raw ?? '')
  assert.is(parsed.subject, `[${ticket}] No picture`)
  assert.match(parsed.text ?? '', /^Sue commented\.\n\n[^]*Which <browser>\?[^]*https:\/\/desk\.example\/tickets\/T-/)
  assert.match(String(parsed.html), 'Which &lt;browser&gt;?')
  assert.is(parsed.references, `<${ticket}@desk.example>`)
  assert.match(parsed.messageId ?? '', /^<[\da-f-]{36}@desk\.example>$/)
  await mailing.stop()
})

mails('a damaged outbox is left as it is: no mail is sent, and an error is logged', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  await comment(setup, sue, ticket)
  await settled(setup)
  assert.equal(mailing.counts(), { waiting: 0, aside: 0 })
  await mailing.stop()
  const file = join(setup.folder, 'mail.db')
  const broken = readFileSync(file).fill(0x5a, 2_000)
  for (const bytes of [broken, Buffer.from('no database at all')]) {
    writeFileSync(file, bytes)
    const disabled = await setup.begin(mailerTo(server.url()))
    await comment(setup, sue, ticket)
    assert.is(disabled.counts(), null)
    assert.match(setup.logged.at(-1) ?? '', /mail\.db is damaged: no mail is sent.*move it away/)
    await disabled.stop()
    assert.equal(readFileSync(file), bytes)
  }
  assert.is(server.taken.length, 1)
})

mails('one append is one mail with all its kinds; a person may disable kinds', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  await comment(setup, bob, ticket)
  right(await setup.commands.prefer(callBy(bob), { waiting_for_customer: false, support_commented: false })())
  right(
    await setup.commands.act(callBy(sue), ticket, {
      type: 'comment',
      body: 'Where?',
      thenStatus: 'waiting_for_customer',
    })(),
  )
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example'])
  assert.match(server.taken[0]?.raw ?? '', /Sue is waiting for your answer\. Sue commented\./)
  await mailing.stop()
})

mails('the team gets mails only where they are enabled', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  for (const agent of [sue, tom]) right(await setup.commands.signIn(callBy(agent))())
  right(await setup.commands.prefer(callBy(tom), { new_ticket: true })())
  await open(setup)
  await settled(setup)
  assert.equal(recipients(server), ['tom@help.example'])
  await mailing.stop()
})

mails('a person who changed accounts gets no more mails of the old one', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  await server.stop()
  const ticket = await open(setup)
  await comment(setup, bob, ticket)
  await comment(setup, sue, ticket)
  await until(() => withOutbox(setup, (outbox) => outbox.unsent().filter(({ reason }) => reason !== null).length === 2))
  const moved: Customer = { ...bob, account: accountId('globex') }
  right(await setup.commands.signIn(callBy(moved))())
  await open(setup, moved)
  await server.start()
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example'])
  const [aside] = withOutbox(setup, (outbox) => outbox.unsent())
  assert.equal([aside?.recipient, aside?.state], ['bob', 'aside'])
  await mailing.stop()
})

mails('a refused mail is a dead letter and tried again on demand; the others go on', async (context) => {
  const { setup, server } = context
  context.handle = (recipient) => (recipient === 'ann@acme.example' ? { refuse: 550, at: 'mail' } : 'take')
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  const other = await open(setup, bob)
  await comment(setup, sue, ticket)
  await comment(setup, sue, other)
  await settled(setup)
  assert.equal(recipients(server), ['bob@acme.example'])
  const [aside] = withOutbox(setup, (outbox) => outbox.unsent())
  assert.equal([aside?.recipient, aside?.attempts], ['ann', 1])
  assert.match(aside?.reason ?? '', '550')
  context.handle = () => 'take'
  assert.is(
    withOutbox(setup, (outbox) => outbox.retry([aside?.messageId ?? ''], Date.now())),
    1,
  )
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example', 'bob@acme.example'])
  await mailing.stop()
})

mails('a mail that is deferred too often becomes a dead letter', async (context) => {
  await context.setup.close()
  context.setup = await mailSetup({ attempts: 3 })
  const { setup, server } = context
  context.handle = () => ({ refuse: 450, at: 'recipient' })
  const mailing = await setup.begin(mailerTo(server.url()))
  await comment(setup, sue, await open(setup))
  await settled(setup)
  const [aside] = withOutbox(setup, (outbox) => outbox.unsent())
  assert.equal([aside?.attempts, aside?.state], [3, 'aside'])
  assert.match(aside?.reason ?? '', /^after 3 attempts: .*450/)
  await mailing.stop()
})

mails('mails of one ticket reach a person in order', async (context) => {
  const { setup, server } = context
  context.handle = (_recipient, attempt) => (attempt % 3 === 0 ? 'take' : { refuse: 450, at: 'mail' })
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  for (let n = 1; n <= 6; n++) await comment(setup, sue, ticket, `This is number ${n}.`)
  await settled(setup)
  assert.equal(
    server.taken.map(({ raw }) => /This is number (\d)/.exec(raw)?.[1]),
    ['1', '2', '3', '4', '5', '6'],
  )
  await mailing.stop()
})

mails('a restart and rebuilt read models send nothing again', async ({ setup, server }) => {
  const first = await setup.begin(mailerTo(server.url()))
  await comment(setup, sue, await open(setup))
  await settled(setup)
  await first.stop()
  const second = await setup.begin(mailerTo(server.url()))
  await settled(setup)
  await second.stop()
  assert.is(server.taken.length, 1)
  // As if the position were lost: mails are recognised by their ids.
  withOutbox(setup, (outbox) => outbox.moveTo(outbox.anchors().slice(0, 1)))
  const third = await setup.begin(mailerTo(server.url()))
  await settled(setup)
  await third.stop()
  assert.is(server.taken.length, 1)
})

mails('imported events are not mailed', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  const imported = { source: 'old', at: '2012-10-09T14:50:17.000Z' }
  const { id } = right(
    await setup.commands.open(callBy(ann, { imported, idempotencyKey: 'a' }), {
      type: 'open',
      subject: 'Old',
      description: 'x',
      category: 'technical',
    })(),
  )
  right(
    await setup.commands.act(callBy(sue, { imported, idempotencyKey: 'b' }), id, {
      type: 'comment',
      body: 'Old',
    })(),
  )
  await settled(setup)
  assert.is(server.taken.length, 0)
  setup.setTime('2026-01-02T00:00:00.000Z')
  await comment(setup, sue, id, 'New')
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example'])
  await mailing.stop()
})

mails('a folder that never sent mails begins with what is recorded from then on', async ({ setup, server }) => {
  const ticket = await open(setup)
  await comment(setup, sue, ticket)
  const mailing = await setup.begin(mailerTo(server.url()))
  await settled(setup)
  assert.is(server.taken.length, 0)
  await comment(setup, sue, ticket)
  await settled(setup)
  assert.is(server.taken.length, 1)
  await mailing.stop()
})

mails('of two mailers of one folder one sends, and the other when it ends', async ({ setup, server }) => {
  const [first, second] = [await setup.begin(mailerTo(server.url())), await setup.begin(mailerTo(server.url()))]
  const ticket = await open(setup)
  for (let n = 0; n < 10; n++) await comment(setup, sue, ticket)
  await settled(setup)
  await first.stop()
  for (let n = 0; n < 10; n++) await comment(setup, sue, ticket)
  await settled(setup)
  assert.is(server.taken.length, 20)
  await second.stop()
})

mails('a parked ticket is mailed about once it is no longer parked', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  const ticket = await open(setup)
  await settled(setup)
  const { status, queries } = setup.models
  const parked = [{ ticket, position: '2', reason: 'it broke' }]
  Object.assign(setup.models, {
    status: () => [{ name: 'notifications', version: 1, position: '2', lagSeconds: 0, eventsPerSecond: 0, parked }],
    queries: () => ({ ...queries(), notifications: { ...queries().notifications, between: () => [] } }),
  })
  await comment(setup, sue, ticket)
  await settled(setup)
  assert.is(server.taken.length, 0)
  assert.equal(
    withOutbox(setup, (outbox) => outbox.parked().map((each) => each.ticket)),
    [ticket],
  )
  Object.assign(setup.models, { status, queries })
  await open(setup, bob)
  await until(() => withOutbox(setup, (outbox) => outbox.parked().length === 0))
  await settled(setup)
  assert.equal(recipients(server), ['ann@acme.example'])
  await mailing.stop()
})

mails('the outbox holds nothing that people wrote', async ({ setup, server }) => {
  const mailing = await setup.begin(mailerTo(server.url()))
  await comment(setup, sue, await open(setup), 'Very private')
  await settled(setup)
  await mailing.stop()
  const file = openOutboxFile(setup.folder)
  const rows = JSON.stringify(file.prepare('SELECT * FROM mails').all())
  assert.is(file.name, join(setup.folder, 'mail.db'))
  file.close()
  assert.not.match(rows, /private|acme\.example|Ann|Sue/)
})

mails.run()
