import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { clientOf } from '../support/client.ts'
import { answered, mailProcessSuite, nothingUnsent, serve, unsent, type MailProcess } from '../support/mail-process.ts'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const command = mailProcessSuite('the command line and mails')

const listed = async ({ folder }: MailProcess): Promise<readonly Record<string, unknown>[]> => {
  const { stdout } = await ledgerdesk(folder.path, 'mail', '--json')
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

command('dead letters are listed with their reason, and tried again on demand', async (context) => {
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
  await nothingUnsent(context)
  assert.match((await ledgerdesk(context.folder.path, 'mail')).stdout, 'no mail waits, and there is no dead letter')
})

command('a restored export mails nobody, while the server runs', async (context) => {
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
      await nothingUnsent(second)
      assert.is(context.mail.taken.length, 2)
    } finally {
      await server.stop()
    }
  } finally {
    other.remove()
  }
})

command.run()
