import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { codeOf, messageOf } from '../adapters/errors.ts'
import { noticeSeal, readSeal } from '../adapters/event-store/log-seal.ts'
import { createMetrics } from '../adapters/http/metrics.ts'
import { pagesIn } from '../adapters/http/pages.ts'
import { serveMetrics } from '../adapters/http/metrics-server.ts'
import { longestWaitMs, type HttpPorts } from '../adapters/http/ports.ts'
import { createHttpServer } from '../adapters/http/server.ts'
import { createBroadcaster } from '../adapters/http/sse/broadcaster.ts'
import { domainOf } from '../adapters/mail/message.ts'
import { smtpMailer } from '../adapters/mail/smtp.ts'
import { unsubscribeTokens } from '../adapters/mail/unsubscribe.ts'
import type { Commands } from '../domain/commands.ts'
import { readable } from '../domain/event-log/event-store.ts'
import { sealedTo } from '../domain/event-log/log-seal.ts'
import type { PersonId } from '../domain/ids.ts'
import { helpdesk, reporting, type ModelSet } from '../projections/registry.ts'
import { createCommands } from './commands/commands.ts'
import type { Config } from './config.ts'
import { openEventStore, type LogPlace } from './event-store.ts'
import { Failed } from './failures.ts'
import { openFiles } from './files.ts'
import { openIdentity } from './identity.ts'
import { openKeys } from './keys.ts'
import { createLogOutput, writeToStderr } from './log-output.ts'
import { logMailer, openMailing, type Mailing } from './mail/mailing.ts'
import { openReadModels } from './projections/read-models.ts'
import { caughtUpQueries } from './projections/watched-queries.ts'
import { rebuildInWorker } from './projections/rebuild-in-worker.ts'
import { checkProofs } from './proof/keep-aside.ts'
import { proveInWorker } from './proof/prove-in-worker.ts'
import { createReaderPool } from './readers/reader-pool.ts'
import { signRegularly } from './proof/sign.ts'
import { observeReadModels } from './state/observe-read-models.ts'
import { openResources } from './state/resources.ts'
import { createStateMonitor } from './state/state-monitor.ts'
import { watchedStore } from './state/watched-store.ts'
import { systemPorts } from './system.ts'
import { onceReadable } from './state/log-readable.ts'

/** How long closing waits for requests in flight, in ms: once it serves, and before. */
const graceMs = { serving: 8_000, starting: 1_000 }
/** How long closing waits for the last log lines, in ms. */
const flushMs = 500

/** A thread for each core beside the main thread's. */
const readerThreads = Math.min(4, Math.max(1, availableParallelism() - 1))
const queryDeadlineMs = 2_000

/** How long opening waits for a lock of another process, in ms: in this thread at once, so that signals come through, and in all. */
const lockWaitMs = { once: 100, all: 10_000 }

/** Where `npm run build` writes the web client. */
const builtPages = resolve(import.meta.dirname, '../adapters/web/dist')

/** @throws Failed where a setting of the log's file is refused; Error with its code where the machine is at fault. */
const openLog = (place: LogPlace, onSearch: (seconds: number) => void): ReturnType<typeof openEventStore> => {
  try {
    return openEventStore(place, { onSearch, lockWaitMs: lockWaitMs.once })
  } catch (error) {
    throw codeOf(error) === '' ? new Failed({ code: 'UnopenedLog', reason: messageOf(error) }) : error
  }
}

/** As `openLog`, while another process has the log locked; null where `isClosing` says so meanwhile. */
const openLogWhenFree = async (place: LogPlace, onSearch: (seconds: number) => void, isClosing: () => boolean) => {
  for (let waited = 0; !isClosing(); waited += 2 * lockWaitMs.once) {
    try {
      return openLog(place, onSearch)
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_BUSY') || waited >= lockWaitMs.all) throw error
    }
    await wait(lockWaitMs.once)
  }
  return null
}

export interface RunningServer {
  readonly url: string
  /** Resolves once all requests are answered, and with null where it was closed before; rejects where it cannot start. */
  readonly started: Promise<Commands | null>
  /** At any time: finishes the requests in flight, then closes everything that was opened. */
  readonly close: () => Promise<void>
}

/**
 * Composes the server on a data folder. Resolves when it listens, which it does before anything is opened: who asks it
 * meanwhile learns how far it is (docs/operations/states.md).
 */
export const startServer = async (config: Config): Promise<RunningServer> => {
  const output = createLogOutput(writeToStderr())
  const logger = pino({ level: config.logLevel }, output)
  const monitor = createStateMonitor(logger)
  const resources = openResources((err) => logger.error({ err }, 'a part of the server could not be closed'))
  const isClosing = (): boolean => monitor.current().status === 'closing'
  let readModels: ReturnType<typeof openReadModels<typeof helpdesk>> | undefined
  let reports: ReturnType<typeof openReadModels<typeof reporting>> | undefined
  let mailing: Mailing | undefined
  let isServing = false
  let caughtUp: Promise<void> | undefined
  let afterCatchingUp = (): void => undefined
  let live: ReturnType<typeof createBroadcaster> | undefined

  const metrics = createMetrics({
    projections: () => [...(readModels?.status() ?? []), ...(reports?.status() ?? [])],
    passedOver: () => readModels?.unknownEvents() ?? 0,
    mails: () => (mailing === undefined || isClosing() ? { waiting: 0, aside: 0 } : mailing.counts()),
    state: monitor.current,
    lostLogLines: output.lost,
  })
  const http = createHttpServer({
    pages: pagesIn(builtPages),
    newId: systemPorts.newId,
    state: monitor.current,
    logger,
    metrics,
    publicMetrics: config.metrics === undefined && config.auth === 'demo' ? metrics : null,
    forwarding: config.auth === 'demo' ? { tag: 'refused' } : (config.trustedProxies ?? { tag: 'ignored' }),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
  })
  if (config.metrics !== undefined) {
    resources.add(
      await serveMetrics(config.metrics, metrics, (err) => logger.error({ err }, 'the metrics could not be read')),
    )
  }
  let url: string
  try {
    url = await http.listen(config.port, config.host)
  } catch (error) {
    await resources.close()
    throw error
  }

  /** Opens one thing after another. Null where the server was closed meanwhile. */
  const open = async (): Promise<HttpPorts | null> => {
    const { clock } = systemPorts
    const keys = openKeys(config, clock, (err) =>
      logger.error({ err }, 'the changed key file cannot be used: the keys before it stay in use'),
    )
    const onSearch = (seconds: number): void =>
      logger.info({ seconds }, "the log is searched among other programs' events")
    const opened = await openLogWhenFree(config.log, onSearch, isClosing)
    if (opened === null) return null
    const onSealed = (to: string): void => monitor.report({ tag: 'LogSealed', to })
    const store = noticeSeal('takesWrites' in opened ? watchedStore(opened, monitor.report) : opened, onSealed)
    resources.add(store)
    const files = await openFiles(config, store, logger)
    resources.add(files)
    if (isClosing()) return null
    monitor.report({ tag: 'LogOpened' })

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
    const models = openReadModels(helpdesk, optionsOf('read-models'))
    readModels = models
    resources.add(models)
    const reportModels = openReadModels(reporting, optionsOf('reports'))
    reports = reportModels
    resources.add(reportModels)
    /** What holds a position besides read models and mails is compared with the log before the first command. */
    const checkLog = async (): Promise<void> => {
      const seal = readable(await readSeal(store))
      if (seal !== null) onSealed(sealedTo(seal))
      await checkProofs(store, config.data, logger)
    }
    // A cluster can be read once its log is; a folder before its read models are compared with an empty log.
    if ('folder' in config.log) await checkLog()
    resources.add(monitor.observe(observeReadModels(models, reportModels)))
    caughtUp = models.start(store)
    await onceReadable(async () => readable(await store.head()()), resources)
    if (isClosing()) return null
    /** A cluster may be away for a moment; what a folder's log does not give now, it does not give later. */
    const read = <A>(what: () => Promise<A>): Promise<A | undefined> =>
      'folder' in config.log ? what() : onceReadable(what, resources)
    if (!('folder' in config.log)) await read(checkLog)
    if (isClosing()) return null

    const unsubscribing = unsubscribeTokens(keys)
    const mailPorts = {
      ...systemPorts,
      folder: config.data,
      store,
      models,
      mailer:
        config.smtp === undefined ? logMailer(logger) : smtpMailer({ server: config.smtp, from: config.mailFrom }),
      unsubscribeToken: unsubscribing.issue,
      domain: domainOf(config.mailFrom),
      log: logger,
    }
    const opening = await read(() => openMailing(mailPorts))
    if (opening === undefined) return null
    let stopped: Promise<void> | undefined
    mailing = { ...opening, stop: () => (stopped ??= opening.stop()) }
    resources.add({ close: mailing.stop })
    if (isClosing()) return null

    afterCatchingUp = () => {
      // The reports catch up while the server already answers: no other response waits for them.
      void reportModels.start(store)
      resources.add(signRegularly(config.data, store, logger))
    }
    const broadcaster = createBroadcaster(models, {
      onError: (err) => logger.error({ err }, 'live updates stopped; they will try again'),
    })
    live = broadcaster
    resources.add(broadcaster)
    await read(() => broadcaster.start(store))
    if (isClosing()) return null

    const sourceOf = (set: Pick<typeof models | typeof reportModels, 'source' | 'ready' | 'progress'>) => ({
      ...set.source(),
      ready: set.ready(),
      progress: set.progress(),
    })
    const readers = createReaderPool({
      size: readerThreads,
      deadlineMs: queryDeadlineMs,
      sources: () => ({ readModels: sourceOf(models), reports: sourceOf(reportModels) }),
      log: logger,
    })
    resources.add(readers)

    const identity = openIdentity(config, keys, clock, logger)
    const isDemoSupport = (person: PersonId): boolean =>
      identity.demoPeople.some(({ id, role }) => id === person && role === 'support')
    return {
      commands: createCommands({
        ...systemPorts,
        store,
        categories: config.categories,
        uploads: files.uploads,
        team: { isSupport: (person) => isDemoSupport(person) || caughtUpQueries(models).people.isSupport(person) },
        caughtUp: (position) => models.acknowledge(position, longestWaitMs),
        observe: metrics.commandHandler,
      }),
      readModels: models,
      reports: reportModels,
      files: files.store,
      live: broadcaster,
      readers,
      prove: proveInWorker(config.log, config.data, logger),
      readUnsubscribe: unsubscribing.read,
      ...identity,
      categories: config.categories,
      rateLimits: { perCaller: config.rateLimit, perAddress: 300 },
    }
  }

  const start = async (): Promise<Commands | null> => {
    try {
      const ports = await open()
      if (ports === null || isClosing()) return null
      // What the log alone answers is answered from now on, what needs read models once they have caught up.
      http.serve(ports)
      await caughtUp
      if (isClosing()) return null
      isServing = true
      afterCatchingUp()
      mailing?.start(config.publicUrl ?? url)
      monitor.report({ tag: 'Started' })
      return ports.commands
    } catch (error) {
      // What is closed under a start that goes on makes it fail.
      if (isClosing()) return null
      throw error
    }
  }
  const started = start()
  // It is handled by whoever waits for it, and closing does not.
  const settled = started.then(
    () => undefined,
    () => undefined,
  )

  return {
    url,
    started,
    close: async () => {
      monitor.report({ tag: 'Closing' })
      const requests = live?.close() ?? Promise.resolve()
      // What fails here is closed again below, and reported there.
      await Promise.allSettled([
        requests.then(() => http.close(isServing ? graceMs.serving : graceMs.starting)),
        mailing?.stop(),
      ])
      await resources.close()
      await settled
      // What was opened meanwhile.
      await resources.close()
      await output.flush(flushMs)
    },
  }
}
