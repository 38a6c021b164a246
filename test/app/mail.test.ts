import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openLedger } from '../../adapters/mail/outbox-schema.ts'
import { outboxOf, type Outbox } from '../../adapters/mail/outbox.ts'
import type { Customer } from '../../domain/actor.ts'
import { callBy, right } from '../support/command-ports.ts'
import { mailerTo, mailHouse, type MailHouse } from '../support/mail-setup.ts'
import { startMailServer, type Fate, type MailServer } from '../support/mail-server.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'

interface Stage {
  house: MailHouse
  server: MailServer
  fate: (recipient: string, attempt: number) => Fate
}

const mails = suite<Stage>('mails')

mails.before.each(async (stage) => {
  stage.fate = () => 'take'
  stage.server = await startMailServer({ fate: (recipient, attempt) => stage.fate(recipient, attempt) })
  stage.house = await mailHouse()
})
mails.after.each(async ({ house, server }) => {
  await house.close()
  await server.stop()
})

const open = async ({ commands }: MailHouse, by = ann, subject = 'No picture'): Promise<string> =>
  right(await commands.open(callBy(by), { type: 'open', subject, description: 'It is dark.', category: 'technical' })())
    .id
const say = async (
  { commands }: MailHouse,
  by: typeof ann | typeof sue,
  ticket: string,
  body = 'Hello',
): Promise<void> => {
  right(await commands.act(callBy(by), ticket, { type: 'comment', body })())
}

/** Looks into the outbox as `ledgerdesk mail` does, beside the running mailer. */
const withOutbox = <A>({ folder }: MailHouse, use: (outbox: Outbox) => A): A => {
  const ledger = openLedger(folder)
  try {
    return use(outboxOf(ledger, '0'))
  } finally {
    ledger.close()
  }
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Waits until nothing is left to be sent, but what was set aside, and the whole log was read. */
const settled = async (house: MailHouse): Promise<void> => {
  const head = right(await house.store.head()())
  await until(() => withOutbox(house, (outbox) => outbox.position() === head && outbox.counts().waiting === 0))
}

const recipients = ({ taken }: MailServer): readonly string[] => taken.flatMap(({ to }) => to).toSorted()

mails('who is told is mailed, once, and nobody else', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  await open(house, eve)
  await say(house, bob, ticket)
  await say(house, sue, ticket, 'Which <browser>?')
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example', 'bob@acme.example'])
  const parsed = await simpleParser(server.taken[0]?.raw ?? '')
  assert.is(parsed.subject, `[${ticket}] No picture`)
  assert.match(parsed.text ?? '', /^Sue commented\.\n\n[^]*Which <browser>\?[^]*https:\/\/desk\.example\/tickets\/T-/)
  assert.match(String(parsed.html), 'Which &lt;browser&gt;?')
  assert.is(parsed.references, `<${ticket}@desk.example>`)
  assert.match(parsed.messageId ?? '', /^<[\da-f-]{36}@desk\.example>$/)
  await mailing.stop()
})

mails('a damaged outbox is left as it is: no mail goes out, and that is said', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  await say(house, sue, ticket)
  await settled(house)
  assert.equal(mailing.counts(), { waiting: 0, aside: 0 })
  await mailing.stop()
  const file = join(house.folder, 'mail.db')
  const broken = readFileSync(file).fill(0x5a, 2_000)
  for (const bytes of [broken, Buffer.from('no database at all')]) {
    writeFileSync(file, bytes)
    const silent = await house.begin(mailerTo(server.url()))
    await say(house, sue, ticket)
    assert.is(silent.counts(), null)
    assert.match(house.said.at(-1) ?? '', /mail\.db is damaged: no mail is sent.*move it away/)
    await silent.stop()
    assert.equal(readFileSync(file), bytes)
  }
  assert.is(server.taken.length, 1)
})

mails('one append is one mail that names all of it; a person may turn kinds off', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  await say(house, bob, ticket)
  right(await house.commands.prefer(callBy(bob), { waiting_for_customer: false, support_commented: false })())
  right(
    await house.commands.act(callBy(sue), ticket, {
      type: 'comment',
      body: 'Where?',
      thenStatus: 'waiting_for_customer',
    })(),
  )
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example'])
  assert.match(server.taken[0]?.raw ?? '', /Sue is waiting for your answer\. Sue commented\./)
  await mailing.stop()
})

mails('the team has mails where it asks for them', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  for (const agent of [sue, tom]) right(await house.commands.signIn(callBy(agent))())
  right(await house.commands.prefer(callBy(tom), { new_ticket: true })())
  await open(house)
  await settled(house)
  assert.equal(recipients(server), ['tom@help.example'])
  await mailing.stop()
})

mails('whoever changed accounts hears no more of the old one', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  await server.stop()
  const ticket = await open(house)
  await say(house, bob, ticket)
  await say(house, sue, ticket)
  await until(() => withOutbox(house, (outbox) => outbox.unsent().filter(({ reason }) => reason !== null).length === 2))
  const moved: Customer = { ...bob, account: 'globex' }
  right(await house.commands.signIn(callBy(moved))())
  await open(house, moved)
  await server.start()
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example'])
  const [aside] = withOutbox(house, (outbox) => outbox.unsent())
  assert.equal([aside?.recipient, aside?.state], ['bob', 'aside'])
  await mailing.stop()
})

mails('a poison mail is set aside and tried again on demand; the others go on', async (stage) => {
  const { house, server } = stage
  stage.fate = (recipient) => (recipient === 'ann@acme.example' ? { refuse: 550, at: 'mail' } : 'take')
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  const other = await open(house, bob)
  await say(house, sue, ticket)
  await say(house, sue, other)
  await settled(house)
  assert.equal(recipients(server), ['bob@acme.example'])
  const [aside] = withOutbox(house, (outbox) => outbox.unsent())
  assert.equal([aside?.recipient, aside?.attempts], ['ann', 1])
  assert.match(aside?.reason ?? '', '550')
  stage.fate = () => 'take'
  assert.is(
    withOutbox(house, (outbox) => outbox.retry([aside?.messageId ?? ''], Date.now())),
    1,
  )
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example', 'bob@acme.example'])
  await mailing.stop()
})

mails('a mail that is put off again and again is set aside at last', async (stage) => {
  await stage.house.close()
  stage.house = await mailHouse({ attempts: 3 })
  const { house, server } = stage
  stage.fate = () => ({ refuse: 450, at: 'recipient' })
  const mailing = await house.begin(mailerTo(server.url()))
  await say(house, sue, await open(house))
  await settled(house)
  const [aside] = withOutbox(house, (outbox) => outbox.unsent())
  assert.equal([aside?.attempts, aside?.state], [3, 'aside'])
  assert.match(aside?.reason ?? '', /^after 3 attempts: .*450/)
  await mailing.stop()
})

mails('mails of one ticket reach a person in their order', async (stage) => {
  const { house, server } = stage
  stage.fate = (_recipient, attempt) => (attempt % 3 === 0 ? 'take' : { refuse: 450, at: 'mail' })
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  for (let n = 1; n <= 6; n++) await say(house, sue, ticket, `This is number ${n}.`)
  await settled(house)
  assert.equal(
    server.taken.map(({ raw }) => /This is number (\d)/.exec(raw)?.[1]),
    ['1', '2', '3', '4', '5', '6'],
  )
  await mailing.stop()
})

mails('a restart and read models made anew send nothing again', async ({ house, server }) => {
  const first = await house.begin(mailerTo(server.url()))
  await say(house, sue, await open(house))
  await settled(house)
  await first.stop()
  const second = await house.begin(mailerTo(server.url()))
  await settled(house)
  await second.stop()
  assert.is(server.taken.length, 1)
  // As if the checkpoint were lost with what it guards: mails are named by what they tell, and known again.
  withOutbox(house, (outbox) => outbox.intend([], '0'))
  const third = await house.begin(mailerTo(server.url()))
  await settled(house)
  await third.stop()
  assert.is(server.taken.length, 1)
})

mails('what an import brings in is no news', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  const imported = { source: 'old', at: '2012-10-09T14:50:17.000Z' }
  const { id } = right(
    await house.commands.open(callBy(ann, { imported, idempotencyKey: 'a' }), {
      type: 'open',
      subject: 'Old',
      description: 'x',
      category: 'technical',
    })(),
  )
  right(
    await house.commands.act(callBy(sue, { imported, idempotencyKey: 'b' }), id, {
      type: 'comment',
      body: 'Old news',
    })(),
  )
  await settled(house)
  assert.is(server.taken.length, 0)
  house.setTime('2026-01-02T00:00:00.000Z')
  await say(house, sue, id, 'News')
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example'])
  await mailing.stop()
})

mails('a house that never sent mails begins with what happens from then on', async ({ house, server }) => {
  const ticket = await open(house)
  await say(house, sue, ticket)
  const mailing = await house.begin(mailerTo(server.url()))
  await settled(house)
  assert.is(server.taken.length, 0)
  await say(house, sue, ticket)
  await settled(house)
  assert.is(server.taken.length, 1)
  await mailing.stop()
})

mails('of two mailers of one folder one sends, and the other when it ends', async ({ house, server }) => {
  const [first, second] = [await house.begin(mailerTo(server.url())), await house.begin(mailerTo(server.url()))]
  const ticket = await open(house)
  for (let n = 0; n < 10; n++) await say(house, sue, ticket)
  await settled(house)
  await first.stop()
  for (let n = 0; n < 10; n++) await say(house, sue, ticket)
  await settled(house)
  assert.is(server.taken.length, 20)
  await second.stop()
})

mails('what a parked ticket told is told once it is there again', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  const ticket = await open(house)
  await settled(house)
  const { status, queries } = house.models
  const parked = [{ ticket, position: '2', reason: 'it broke' }]
  Object.assign(house.models, {
    status: () => [{ name: 'notifications', version: 1, position: '2', lagSeconds: 0, eventsPerSecond: 0, parked }],
    queries: () => ({ ...queries(), notifications: { ...queries().notifications, between: () => [] } }),
  })
  await say(house, sue, ticket)
  await settled(house)
  assert.is(server.taken.length, 0)
  assert.equal(
    withOutbox(house, (outbox) => outbox.held().map((held) => held.ticket)),
    [ticket],
  )
  Object.assign(house.models, { status, queries })
  await open(house, bob)
  await until(() => withOutbox(house, (outbox) => outbox.held().length === 0))
  await settled(house)
  assert.equal(recipients(server), ['ann@acme.example'])
  await mailing.stop()
})

mails('the outbox holds nothing that people wrote, and only its owner may read it', async ({ house, server }) => {
  const mailing = await house.begin(mailerTo(server.url()))
  await say(house, sue, await open(house), 'Very private')
  await settled(house)
  await mailing.stop()
  const ledger = openLedger(house.folder)
  const rows = JSON.stringify(ledger.prepare('SELECT * FROM mails').all())
  assert.is(ledger.name, join(house.folder, 'mail.db'))
  ledger.close()
  assert.not.match(rows, /private|acme\.example|Ann|Sue/)
})

mails.run()
