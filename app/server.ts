import { resolve } from 'node:path'
import { pino, type Logger } from 'pino'
import { createHub } from '../adapters/http/sse/broadcaster.ts'
import { createMetrics } from '../adapters/http/metrics.ts'
import { pagesIn } from '../adapters/http/pages.ts'
import { createHttpServer } from '../adapters/http/server.ts'
import { logMailer } from '../adapters/mail/log-mailer.ts'
import { domainOf } from '../adapters/mail/message.ts'
import { smtpMailer } from '../adapters/mail/smtp.ts'
import { unsubscribeTokens } from '../adapters/mail/unsubscribe.ts'
import { demoIdentity } from '../adapters/identity/demo.ts'
import { demoSessions } from '../adapters/identity/sessions.ts'
import { demoPeople } from '../adapters/identity/demo-people.ts'
import { signingKey } from '../adapters/identity/signing-key.ts'
import type { Commands } from '../domain/commands.ts'
import type { Config } from './config.ts'
import { openEventStore } from './event-store.ts'
import { openFiles } from './files.ts'
import { createCommands } from './commands/commands.ts'
import { helpdesk, reporting, type ModelSet } from '../projections/registry.ts'
import { openMailing, type Mailing } from './mail/mailing.ts'
import { openSharedMailing } from './mail/shared.ts'
import { openReadModels } from './projections/read-models.ts'
import { rebuildInWorker } from './projections/rebuild-in-worker.ts'
import { proveApart } from './proof/prove-in-worker.ts'
import { signRegularly } from './proof/sign-regularly.ts'
import { systemPorts } from './system.ts'
import { createViews } from './views.ts'

/** A command's answer waits so long for this server's own read models (rulings, 13). */
const longestWaitMs = 2_000

/** Where `npm run build` puts the pages. */
const builtPages = resolve(import.meta.dirname, '../adapters/web/dist')

export interface RunningServer {
  readonly url: string
  readonly commands: Commands
  /** Finishes what was begun, then closes everything that was opened. */
  readonly close: () => Promise<void>
}

/** Puts the house together on a data folder, and listens once the read models have caught up. */
export const startServer = async (config: Config): Promise<RunningServer> => {
  const logger: Logger = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }))
  const store = openEventStore(config.log)
  const files = await openFiles(config, store, logger)
  const optionsOf = (set: ModelSet) => ({
    folder: config.data,
    set,
    log: logger,
    now: systemPorts.clock.now,
    rebuild: async (names: readonly string[], onProgress: (share: number) => void) => {
      const order = { place: config.log, folder: config.data, parts: [{ set, names }] }
      await rebuildInWorker({ ...order, isAside: true }, ({ share }) => onProgress(share))
    },
  })
  const models = openReadModels(helpdesk, optionsOf('read-models'))
  const reports = openReadModels(reporting, { ...optionsOf('reports'), inBackground: true })
  const demoTeam = demoPeople.filter(({ role }) => role === 'support')
  const views = createViews(models, reports, demoTeam)
  const metrics = createMetrics(views.projections, models.unknownEvents, () => mailing.counts())
  const commands = createCommands({
    ...systemPorts,
    store,
    categories: config.categories,
    uploads: files.uploads,
    team: {
      isSupport: (person) => demoTeam.some(({ id }) => id === person) || models.queries().people.isSupport(person),
    },
    caughtUp: async (position) => {
      await models.waitFor(position, longestWaitMs)
    },
    observe: metrics.pipeline,
  })
  const hub = createHub(views, { failed: (err) => logger.error({ err }, 'live updates stopped; they will try again') })
  const key = signingKey(config.signingKeyFile)
  const identity = demoIdentity(key, systemPorts.clock)
  const unsubscribing = unsubscribeTokens(key)
  const server = createHttpServer({
    commands,
    views,
    files: files.store,
    live: hub,
    prove: proveApart(config.log, config.data, logger),
    readUnsubscribe: unsubscribing.read,
    identity,
    sessions: demoSessions(identity),
    pages: pagesIn(builtPages),
    categories: config.categories,
    newId: systemPorts.newId,
    logger,
    metrics,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    rateLimits: { perCaller: config.rateLimit, failuresPerAddress: 300 },
  })
  await models.start(store)
  const mailPorts = {
    ...systemPorts,
    now: systemPorts.clock.now,
    folder: config.data,
    models,
    mailer: config.smtp === undefined ? logMailer(logger) : smtpMailer({ server: config.smtp, from: config.mailFrom }),
    unsubscribeToken: unsubscribing.issue,
    domain: domainOf(config.mailFrom),
    log: logger,
  }
  const mailing: Mailing =
    'takeTurns' in store ? openSharedMailing({ ...mailPorts, store }) : await openMailing({ ...mailPorts, store })
  // Nobody's work waits for the reports: they catch up on the side.
  void reports.start(store)
  const signing = signRegularly(config.data, store, logger)
  await hub.start(store)
  const closeStores = async (): Promise<void> => {
    await signing.close()
    await hub.close()
    await mailing.stop()
    await models.close()
    await reports.close()
    await files.close()
    await store.close()
  }
  try {
    const url = await server.listen(config.port, config.host)
    mailing.start(config.publicUrl ?? url)
    return {
      url,
      commands,
      close: async () => {
        await hub.close()
        await server.close()
        await closeStores()
        logger.flush()
      },
    }
  } catch (error) {
    await closeStores()
    throw error
  }
}
