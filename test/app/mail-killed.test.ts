import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openLedger } from '../../adapters/mail/outbox-schema.ts'
import { outboxOf, type OutboxMail } from '../../adapters/mail/outbox.ts'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { startMailServer, type Fate, type MailServer } from '../support/mail-server.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const kills = 4

/** The whole house with a mail server, killed between any two steps of a mail, and started again. */
interface House {
  /** Holds the key that all the folders' servers sign with. */
  keys: ReturnType<typeof temporaryFolder>
  folder: ReturnType<typeof temporaryFolder>
  mail: MailServer
  fate: Fate
  server: RunningServer
  ann: string
  sue: string
}

const killed = suite<House>('kill -9 between the steps of a mail')

const serve = (house: House): Promise<RunningServer> =>
  startServer(house.folder.path, {
    LEDGERDESK_SIGNING_KEY: join(house.keys.path, 'signing-key'),
    LEDGERDESK_SMTP_URL: house.mail.url(),
    LEDGERDESK_MAIL_FROM: 'Help Desk <desk@desk.example>',
    LEDGERDESK_PUBLIC_URL: 'https://desk.example',
    LOG_LEVEL: 'silent',
  })

killed.before(async (house) => {
  house.keys = temporaryFolder()
  const tokenOf = (name: string): Promise<string> => demoToken(house.keys.path, name)
  house.ann = await tokenOf('Ann Archer')
  house.sue = await tokenOf('Sue Singh')
})
killed.after(({ keys }) => keys.remove())

killed.before.each(async (house) => {
  house.folder = temporaryFolder()
  house.fate = 'take'
  house.mail = await startMailServer({ fate: () => house.fate })
  house.server = await serve(house)
})
killed.after.each(async ({ server, mail, folder }) => {
  await server.stop()
  await mail.stop()
  folder.remove()
})

const as = ({ server }: House, token: string): Client => clientOf(server.url, token)

/** Ann opens a ticket and Sue answers: one mail to Ann. */
const answered = async (house: House, body = 'Where?'): Promise<string> => {
  const request = { subject: 'Dark', description: 'No picture', category: 'video-cdn' }
  const opened = await as(house, house.ann).post('/v1/tickets', request)
  const id = String(opened.body['id'])
  assert.is((await as(house, house.sue).post(`/v1/tickets/${id}/comments`, { body })).status, 201)
  return id
}

const listed = async ({ folder }: House): Promise<readonly Record<string, unknown>[]> => {
  const { stdout } = await ledgerdesk(folder.path, 'mail', '--json')
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
const restart = async (house: House, fate: Fate): Promise<void> => {
  await house.server.kill()
  house.fate = fate
  house.server = await serve(house)
}
/** What `ledgerdesk mail` lists, asked often. */
const unsent = ({ folder }: House): readonly OutboxMail[] => {
  const ledger = openLedger(folder.path)
  const mails = outboxOf(ledger, '0').unsent()
  ledger.close()
  return mails
}
const nothingWaits = (house: House): Promise<void> => until(() => unsent(house).length === 0)

killed('meant, and nothing sent yet: once', async (house) => {
  await house.mail.stop()
  await answered(house)
  await until(() => unsent(house).some(({ reason }) => reason !== null))
  await house.mail.start()
  await restart(house, 'take')
  await house.mail.untilTaken(1)
  await nothingWaits(house)
  assert.is(house.mail.taken.length, 1)
})

killed('while the mail is coming: once', async (house) => {
  house.fate = 'stall'
  await answered(house)
  await until(() => house.mail.tried() === 1)
  await restart(house, 'take')
  await house.mail.untilTaken(1)
  await nothingWaits(house)
  assert.is(house.mail.taken.length, 1)
})

killed('taken, and nobody heard: twice under the same Message-ID', async (house) => {
  house.fate = 'take-and-stall'
  await answered(house)
  await house.mail.untilTaken(1)
  await restart(house, 'take')
  await nothingWaits(house)
  assert.is(house.mail.taken.length, 2)
  assert.is(house.mail.taken[0]?.messageId, house.mail.taken[1]?.messageId)
  assert.is(house.mail.taken[0]?.raw.includes('https://desk.example/tickets/T-'), true)
})

killed('sent: never again, through kills and views made anew', async (house) => {
  await answered(house)
  await house.mail.untilTaken(1)
  await nothingWaits(house)
  await restart(house, 'take')
  assert.is((await ledgerdesk(house.folder.path, 'rebuild')).code, 0)
  await restart(house, 'take')
  await answered(house)
  await house.mail.untilTaken(2)
  await nothingWaits(house)
  assert.is(house.mail.taken.length, 2)
})

killed('in a burst, again and again: each is there, and only what was under way may be doubled', async (house) => {
  const bodies: string[] = []
  for (let round = 0; round < kills; round++) {
    const burst = Array.from({ length: 6 }, (_, n) =>
      answered(house, `Number ${round}/${n}.`).then(
        () => void bodies.push(`Number ${round}/${n}.`),
        () => undefined,
      ),
    )
    await Promise.all(burst.slice(0, (round % 5) + 2))
    await house.server.kill()
    await Promise.all(burst)
    house.server = await serve(house)
  }
  const told = (body: string): boolean => house.mail.taken.some(({ raw }) => raw.includes(body))
  await until(() => bodies.every(told))
  await nothingWaits(house)
  const ids = house.mail.taken.map(({ messageId }) => messageId)
  assert.ok(ids.length - new Set(ids).size <= kills * 4)
  console.log(
    `\nmeasured: ${new Set(ids).size} mails, ${ids.length - new Set(ids).size} of them twice, in ${kills} kills`,
  )
})

killed('what was set aside is listed with its reason, and tried again when somebody says so', async (house) => {
  house.fate = { refuse: 550, at: 'recipient' }
  const ticket = await answered(house)
  await until(() => unsent(house).some(({ state }) => state === 'aside'))
  const [mail] = await listed(house)
  assert.equal([mail?.['ticket'], mail?.['recipient'], mail?.['kinds']], [ticket, 'ann', ['support_commented']])
  assert.match(String(mail?.['reason']), '550')
  const { stdout } = await ledgerdesk(house.folder.path, 'mail')
  assert.match(stdout, `aside    ${ticket}  to ann: support_commented  (1 attempts)`)
  const stray = await ledgerdesk(house.folder.path, 'mail', '--retry', '<no@desk.example>')
  assert.is(stray.code, 1)
  house.fate = 'take'
  const retried = await ledgerdesk(house.folder.path, 'mail', '--retry')
  assert.equal(JSON.parse(retried.stdout), { retried: 1 })
  await house.mail.untilTaken(1)
  await nothingWaits(house)
  assert.match((await ledgerdesk(house.folder.path, 'mail')).stdout, 'no mail waits, and none was set aside')
})

killed('an export that is put back tells nobody, while the server runs', async (house) => {
  const other = temporaryFolder()
  try {
    await answered(house)
    await house.mail.untilTaken(1)
    const { stdout } = await ledgerdesk(house.folder.path, 'export')
    const file = join(other.path, 'events.ndjson')
    writeFileSync(file, stdout)
    const data = join(other.path, 'data')
    const second = { ...house, folder: { ...other, path: data } }
    const server = await serve(second)
    try {
      assert.is((await ledgerdesk(data, 'import', '--events', file)).code, 0)
      const client = clientOf(server.url, house.sue)
      let id = ''
      await until(async () => {
        const { items } = (await client.get('/v1/tickets')).body
        id = Array.isArray(items) && items.length > 0 ? items[0].id : ''
        return id !== ''
      })
      assert.is((await client.post(`/v1/tickets/${id}/comments`, { body: 'And since?' })).status, 201)
      await house.mail.untilTaken(2)
      await nothingWaits(second)
      assert.is(house.mail.taken.length, 2)
    } finally {
      await server.stop()
    }
  } finally {
    other.remove()
  }
})

killed.run()
