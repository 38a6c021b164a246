import { join } from 'node:path'
import { suite, type Test } from 'uvu'
import * as assert from 'uvu/assert'
import { openOutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn, type OutboxMail } from '../../adapters/mail/outbox.ts'
import { clientOf } from './client.ts'
import { demoToken } from './demo.ts'
import { startMailServer, type Handling, type MailServer } from './mail-server.ts'
import { startServer, type RunningServer } from './server.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

/** A real server in a process of its own, and its mail server. */
export interface MailProcess {
  /** Holds the signing key of all servers. */
  keys: ReturnType<typeof temporaryFolder>
  folder: ReturnType<typeof temporaryFolder>
  mail: MailServer
  handling: Handling
  server: RunningServer
  /** Tokens. */
  ann: string
  sue: string
}

export const serve = ({ folder, keys, mail }: MailProcess): Promise<RunningServer> =>
  startServer(folder.path, {
    LEDGERDESK_KEYS: join(keys.path, 'keys.json'),
    LEDGERDESK_SMTP_URL: mail.url(),
    LEDGERDESK_MAIL_FROM: 'Help Desk <desk@desk.example>',
    LEDGERDESK_PUBLIC_URL: 'https://localhost:8443',
    LOG_LEVEL: 'silent',
  })

/** A suite whose tests each have a new server on an empty folder. */
export const mailProcessSuite = (name: string): Test<MailProcess> => {
  const tests = suite<MailProcess>(name)
  tests.before(async (context) => {
    context.keys = temporaryFolder()
    context.ann = await demoToken(context.keys.path, 'Ann Archer')
    context.sue = await demoToken(context.keys.path, 'Sue Singh')
  })
  tests.after(({ keys }) => keys.remove())
  tests.before.each(async (context) => {
    context.folder = temporaryFolder()
    context.handling = 'take'
    context.mail = await startMailServer({ handle: () => context.handling })
    context.server = await serve(context)
  })
  tests.after.each(async ({ server, mail, folder }) => {
    await server.stop()
    await mail.stop()
    folder.remove()
  })
  return tests
}

/** Kills the server and starts it again; from then on the mail server handles mails so. */
export const restart = async (context: MailProcess, handling: Handling): Promise<void> => {
  await context.server.kill()
  context.handling = handling
  context.server = await serve(context)
}

/** Ann opens a ticket and Sue comments: one mail to Ann. Answers the ticket's id. */
export const answered = async ({ server, ann, sue }: MailProcess, body = 'Where?'): Promise<string> => {
  const request = { subject: 'Dark', description: 'No picture', category: 'video-cdn' }
  const opened = await clientOf(server.url, ann).post('/v1/tickets', request)
  const id = String(opened.body['id'])
  assert.is((await clientOf(server.url, sue).post(`/v1/tickets/${id}/comments`, { body })).status, 201)
  return id
}

/** What `ledgerdesk mail` lists, without starting a process. */
export const unsent = ({ folder }: Pick<MailProcess, 'folder'>): readonly OutboxMail[] => {
  const file = openOutboxFile(folder.path)
  const mails = outboxIn(file).unsent()
  file.close()
  return mails
}

export const nothingUnsent = (context: Pick<MailProcess, 'folder'>): Promise<void> =>
  until(() => unsent(context).length === 0)
