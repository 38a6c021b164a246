import { smtpMailer } from '../../adapters/mail/smtp.ts'
import { unsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { openMailing, type Mailing } from '../../app/mail/mailing.ts'
import { createCommands } from '../../app/commands/commands.ts'
import type { Schedule } from '../../app/mail/sender.ts'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import type { Mailer } from '../../domain/mail/mailer.ts'
import { keysIn } from './demo.ts'
import { testPorts } from './command-ports.ts'
import { memoryEventStore } from './memory-event-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

const quickSchedule: Schedule = {
  mail: { firstMs: 4, mostMs: 40 },
  outage: { firstMs: 4, mostMs: 20 },
  attempts: 40,
  pollMs: 5,
}

/** How long a test's mailer waits for its server, in ms: so long that no busy machine reaches it. */
const generous = { connectMs: 60_000, mailMs: 60_000 }

export const mailerTo = (url: string, timeouts = generous): Mailer => {
  const { hostname: host, port } = new URL(url)
  const server = { host, port: Number(port), secure: false, auth: undefined }
  const from = { name: 'Help Desk', address: 'desk@desk.example' }
  return smtpMailer({ server, from, timeouts })
}

/** A log in memory, its read models and commands, and a mailing that may be stopped and started again. */
export const mailSetup = async (over: Partial<Schedule> = {}) => {
  const folder = temporaryFolder()
  const store = memoryEventStore()
  const logged: string[] = []
  const write = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log = { info: write, warn: write, error: write }
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
      ...ports,
      clock: { now: Date.now },
      random: Math.random,
      folder: folder.path,
      store,
      models,
      mailer,
      unsubscribeToken: unsubscribeTokens(keysIn(folder.path)).issue,
      domain: 'desk.example',
      log,
      schedule: { ...quickSchedule, ...over },
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
    logged,
    begin,
    close: async () => {
      for (const mailing of mailings) await mailing.stop()
      await models.close()
      await store.close()
      folder.remove()
    },
  }
}

export type MailSetup = Awaited<ReturnType<typeof mailSetup>>
