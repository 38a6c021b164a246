import { smtpMailer } from '../../adapters/mail/smtp.ts'
import { unsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { openMailing, type Mailing } from '../../app/mail/mailing.ts'
import type { Pace } from '../../app/mail/send.ts'
import { createCommands } from '../../app/commands/commands.ts'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import type { Mailer } from '../../domain/mail/mailer.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { testPorts } from './command-ports.ts'
import { memoryEventStore } from './memory-event-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What the mails carry. */
const unsubscribeLinks = unsubscribeTokens(Buffer.alloc(32))

const quick: Pace = {
  mail: { firstMs: 4, mostMs: 40 },
  outage: { firstMs: 4, mostMs: 20 },
  attempts: 40,
  pollMs: 5,
}

export const mailerTo = (url: string): Mailer => {
  const { hostname: host, port } = new URL(url)
  const server = { host, port: Number(port), secure: false, auth: undefined }
  const from = { name: 'Help Desk', address: 'desk@desk.example' }
  return smtpMailer({ server, from, patience: { connectMs: 2_000, mailMs: 150 } })
}

/** A log, its read models, a desk, and what mails what they tell. The mailer may be ended and begun again. */
export const mailHouse = async (over: Partial<Pace> = {}) => {
  const folder = temporaryFolder()
  const store = memoryEventStore()
  const said: string[] = []
  const say = (fields: object, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`)
  const log = { info: say, warn: say, error: say }
  const models = openReadModels(helpdesk, { folder: folder.path, log, now: Date.now })
  const ports = testPorts(store)
  const commands = createCommands({
    ...ports,
    caughtUp: async (position) => {
      await models.waitFor(position, 2_000)
    },
  })
  await models.start(store)
  const mailings = new Set<Mailing>()
  const begin = async (mailer: Mailer): Promise<Mailing> => {
    const mailing = await openMailing({
      folder: folder.path,
      store,
      models,
      mailer,
      sha256,
      unsubscribeToken: unsubscribeLinks.issue,
      domain: 'desk.example',
      now: Date.now,
      random: Math.random,
      log,
      pace: { ...quick, ...over },
    })
    mailings.add(mailing)
    mailing.start('https://desk.example')
    return {
      ...mailing,
      stop: async () => {
        mailings.delete(mailing)
        await mailing.stop()
      },
    }
  }
  return {
    folder: folder.path,
    store,
    models,
    commands,
    setTime: ports.setTime,
    said,
    begin,
    close: async () => {
      for (const mailing of mailings) await mailing.stop()
      await models.close()
      await store.close()
      folder.remove()
    },
  }
}

export type MailHouse = Awaited<ReturnType<typeof mailHouse>>
