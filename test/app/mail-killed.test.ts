import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openOutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn, type OutboxMail } from '../../adapters/mail/outbox.ts'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { startMailServer, type Handling, type MailServer } from '../support/mail-server.ts'
import { ledgerdesk, startServer, temporaryFolder, type RunningServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const kills = 4

/** A real server with a mail server, killed between any two steps of a mail and started again. */
interface Context {
  /** Holds the signing key of all servers. */
  keys: ReturnType<typeof temporaryFolder>
  folder: ReturnType<typeof temporaryFolder>
  mail: MailServer
  handling: Handling
  server: RunningServer
  ann: string
  sue: string
}

const killed = suite<Context>('kill -9 between the steps of a mail')

const serve = (context: Context): Promise<RunningServer> =>
  startServer(context.folder.path, {
    LEDGERDESK_SIGNING_KEY: join(context.keys.path, 'signing-key'),
    LEDGERDESK_SMTP_URL: context.mail.url(),
    LEDGERDESK_MAIL_FROM: 'Help Desk <desk@desk.example>',
    LEDGERDESK_PUBLIC_URL: 'https://desk.example',
    LOG_LEVEL: 'silent',
  })

killed.before(async (context) => {
  context.keys = temporaryFolder()
  const tokenOf = (name: string): Promise<string> => demoToken(context.keys.path, name)
  context.ann = await tokenOf('Ann Archer')
  context.sue = await tokenOf('Sue Singh')
})
killed.after(({ keys }) => keys.remove())

killed.before.each(async (context) => {
  context.folder = temporaryFolder()
  context.handling = 'take'
  context.mail = await startMailServer({ handle: () => context.handling })
  context.server = await serve(context)
})
killed.after.each(async ({ server, mail, folder }) => {
  await server.stop()
  await mail.stop()
  folder.remove()
})

const as = ({ server }: Context, token: string): Client => clientOf(server.url, token)

/** Ann opens a ticket and Sue comments: one mail to Ann. */
const answered = async (context: Context, body = 'Where?'): Promise<string> => {
  const request = { subject: 'Dark', description: 'No picture', category: 'video-cdn' }
  const opened = await as(context, context.ann).post('/v1/tickets', request)
  const id = String(opened.body['id'])
  assert.is((await as(context, context.sue).post(`/v1/tickets/${id}/comments`, { body })).status, 201)
  return id
}

const listed = async ({ folder }: Context): Promise<readonly Record<string, unknown>[]> => {
  const { stdout } = await ledgerdesk(folder.path, 'mail', '--json')
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
const restart = async (context: Context, handling: Handling): Promise<void> => {
  await context.server.kill()
  context.handling = handling
  context.server = await serve(context)
}
/** What `ledgerdesk mail` lists, without starting a process. */
const unsent = ({ folder }: Context): readonly OutboxMail[] => {
  const file = openOutboxFile(folder.path)
  const mails = outboxIn(file, '0').unsent()
  file.close()
  return mails
}
const nothingWaits = (context: Context): Promise<void> => until(() => unsent(context).length === 0)

killed('queued, and nothing sent yet: once', async (context) => {
  await context.mail.stop()
  await answered(context)
  await until(() => unsent(context).some(({ reason }) => reason !== null))
  await context.mail.start()
  await restart(context, 'take')
  await context.mail.untilTaken(1)
  await nothingWaits(context)
  assert.is(context.mail.taken.length, 1)
})

killed('while the mail is being received: once', async (context) => {
  context.handling = 'stall'
  await answered(context)
  await until(() => context.mail.tried() === 1)
  await restart(context, 'take')
  await context.mail.untilTaken(1)
  await nothingWaits(context)
  assert.is(context.mail.taken.length, 1)
})

killed('taken, and killed before the reply: twice under the same Message-ID', async (context) => {
  context.handling = 'take-and-stall'
  await answered(context)
  await context.mail.untilTaken(1)
  await restart(context, 'take')
  await nothingWaits(context)
  assert.is(context.mail.taken.length, 2)
  assert.is(context.mail.taken[0]?.messageId, context.mail.taken[1]?.messageId)
  assert.is(context.mail.taken[0]?.raw.includes('https://desk.example/tickets/T-'), true)
})

killed('sent: never again, through kills and a rebuild of the read models', async (context) => {
  await answered(context)
  await context.mail.untilTaken(1)
  await nothingWaits(context)
  await restart(context, 'take')
  assert.is((await ledgerdesk(context.folder.path, 'rebuild')).code, 0)
  await restart(context, 'take')
  await answered(context)
  await context.mail.untilTaken(2)
  await nothingWaits(context)
  assert.is(context.mail.taken.length, 2)
})

killed('in a burst, repeatedly: each arrives, and only mails under way may arrive twice', async (context) => {
  const bodies: string[] = []
  for (let round = 0; round < kills; round++) {
    const burst = Array.from({ length: 6 }, (_, n) =>
      answered(context, `Number ${round}/${n}.`).then(
        () => void bodies.push(`Number ${round}/${n}.`),
        () => undefined,
      ),
    )
    await Promise.all(burst.slice(0, (round % 5) + 2))
    await context.server.kill()
    await Promise.all(burst)
    context.server = await serve(context)
  }
  const isMailed = (body: string): boolean => context.mail.taken.some(({ raw }) => raw.includes(body))
  await until(() => bodies.every(isMailed))
  await nothingWaits(context)
  const ids = context.mail.taken.map(({ messageId }) => messageId)
  assert.ok(ids.length - new Set(ids).size <= kills * 4)
  console.log(
    `\nmeasured: ${new Set(ids).size} mails, ${ids.length - new Set(ids).size} of them twice, in ${kills} kills`,
  )
})

killed('dead letters are listed with their reason, and tried again on demand', async (context) => {
  context.handling = { refuse: 550, at: 'recipient' }
  const ticket = await answered(context)
  await until(() => unsent(context).some(({ state }) => state === 'aside'))
  const [mail] = await listed(context)
  assert.equal([mail?.['ticket'], mail?.['recipient'], mail?.['kinds']], [ticket, 'ann', ['support_commented']])
  assert.match(String(mail?.['reason']), '550')
  const { stdout } = await ledgerdesk(context.folder.path, 'mail')
  assert.match(stdout, `aside    ${ticket}  to ann: support_commented  (1 attempts)`)
  const stray = await ledgerdesk(context.folder.path, 'mail', '--retry', '<no@desk.example>')
  assert.is(stray.code, 1)
  context.handling = 'take'
  const retried = await ledgerdesk(context.folder.path, 'mail', '--retry')
  assert.equal(JSON.parse(retried.stdout), { retried: 1 })
  await context.mail.untilTaken(1)
  await nothingWaits(context)
  assert.match((await ledgerdesk(context.folder.path, 'mail')).stdout, 'no mail waits, and none was set aside')
})

killed('a restored export mails nobody, while the server runs', async (context) => {
  const other = temporaryFolder()
  try {
    await answered(context)
    await context.mail.untilTaken(1)
    const { stdout } = await ledgerdesk(context.folder.path, 'export')
    const file = join(other.path, 'events.ndjson')
    writeFileSync(file, stdout)
    const data = join(other.path, 'data')
    const second = { ...context, folder: { ...other, path: data } }
    const server = await serve(second)
    try {
      assert.is((await ledgerdesk(data, 'import', '--events', file)).code, 0)
      const client = clientOf(server.url, context.sue)
      let id = ''
      await until(async () => {
        const { items } = (await client.get('/v1/tickets')).body
        id = Array.isArray(items) && items.length > 0 ? items[0].id : ''
        return id !== ''
      })
      assert.is((await client.post(`/v1/tickets/${id}/comments`, { body: 'And since?' })).status, 201)
      await context.mail.untilTaken(2)
      await nothingWaits(second)
      assert.is(context.mail.taken.length, 2)
    } finally {
      await server.stop()
    }
  } finally {
    other.remove()
  }
})

killed.run()
