import { resolve } from 'node:path'
import { pino, type Logger } from 'pino'
import { createMetrics } from '../adapters/http/metrics.ts'
import { pagesIn } from '../adapters/http/pages.ts'
import { longestWaitMs } from '../adapters/http/ports.ts'
import { createHttpServer } from '../adapters/http/server.ts'
import { createBroadcaster } from '../adapters/http/sse/broadcaster.ts'
import { demoIdentity } from '../adapters/identity/demo.ts'
import { demoPeople } from '../adapters/identity/demo-people.ts'
import { demoSessions } from '../adapters/identity/sessions.ts'
import { signingKey } from '../adapters/identity/signing-key.ts'
import { domainOf } from '../adapters/mail/message.ts'
import { smtpMailer } from '../adapters/mail/smtp.ts'
import { unsubscribeTokens } from '../adapters/mail/unsubscribe.ts'
import type { Commands } from '../domain/commands.ts'
import type { PersonId } from '../domain/ids.ts'
import { helpdesk, reporting, type ModelSet } from '../projections/registry.ts'
import { createCommands } from './commands/commands.ts'
import type { Config } from './config.ts'
import { openEventStore } from './event-store.ts'
import { openFiles } from './files.ts'
import { logMailer, openMailing } from './mail/mailing.ts'
import { openReadModels } from './projections/read-models.ts'
import { rebuildInWorker } from './projections/rebuild-in-worker.ts'
import { proveInWorker } from './proof/prove-in-worker.ts'
import { signRegularly } from './proof/sign.ts'
import { systemPorts } from './system.ts'

/** Where `npm run build` writes the web client. */
const builtPages = resolve(import.meta.dirname, '../adapters/web/dist')

export interface RunningServer {
  readonly url: string
  readonly commands: Commands
  /** Finishes the requests in flight, then closes everything that was opened. */
  readonly close: () => Promise<void>
}

/** Composes the server on a data folder. Resolves when it listens, which it does once the read models have caught up. */
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
      await rebuildInWorker({ ...order, isBackground: true }, ({ share }) => onProgress(share))
    },
  })
  const readModels = openReadModels(helpdesk, optionsOf('read-models'))
  const reports = openReadModels(reporting, optionsOf('reports'))
  const metrics = createMetrics(
    () => [...readModels.status(), ...reports.status()],
    readModels.unknownEvents,
    () => mailing.counts(),
  )
  const isDemoSupport = (person: PersonId): boolean =>
    demoPeople.some(({ id, role }) => id === person && role === 'support')
  const commands = createCommands({
    ...systemPorts,
    store,
    categories: config.categories,
    uploads: files.uploads,
    team: { isSupport: (person) => isDemoSupport(person) || readModels.queries().people.isSupport(person) },
    caughtUp: (position) => readModels.acknowledge(position, longestWaitMs),
    observe: metrics.commandHandler,
  })
  const live = createBroadcaster(readModels, {
    onError: (err) => logger.error({ err }, 'live updates stopped; they will try again'),
  })
  const key = signingKey(config.signingKeyFile)
  const identity = demoIdentity(key, systemPorts.clock)
  const unsubscribing = unsubscribeTokens(key)
  const server = createHttpServer({
    commands,
    readModels,
    reports,
    files: files.store,
    live,
    prove: proveInWorker(config.log, config.data, logger),
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
  await readModels.start(store)
  const mailing = await openMailing({
    ...systemPorts,
    folder: config.data,
    store,
    models: readModels,
    mailer: config.smtp === undefined ? logMailer(logger) : smtpMailer({ server: config.smtp, from: config.mailFrom }),
    unsubscribeToken: unsubscribing.issue,
    domain: domainOf(config.mailFrom),
    log: logger,
  })
  // The reports catch up while the server already answers: no other response waits for them.
  void reports.start(store)
  const signing = signRegularly(config.data, store, logger)
  await live.start(store)
  const closeStores = async (): Promise<void> => {
    await signing.close()
    await live.close()
    await mailing.stop()
    await readModels.close()
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
        await live.close()
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
