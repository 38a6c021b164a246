import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { readCategories } from '../categories.ts'
import { noUploads } from '../../domain/files/uploads.ts'
import type { LogPlace } from '../event-store.ts'
import { createImportRunner } from '../import/import-runner.ts'
import { backpressureOf } from '../import/backpressure.ts'
import { importProgress } from '../import/progress.ts'
import { openRejects } from '../import/rejects.ts'
import { restore } from '../import/restore.ts'
import { suppressNotifications } from '../import/notification-suppression.ts'
import { createCommands } from '../commands/commands.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { endProgress, print, progressLine } from './output.ts'

const seconds = (since: number): number => Math.round(performance.now() - since) / 1000

/** `import FILE`: plays recorded commands; what the domain refuses goes to `FILE.rejects.ndjson` with the reason. */
export const importCommands = async (
  store: EventStore,
  folder: string,
  file: string,
  source: string,
  env: NodeJS.ProcessEnv,
): Promise<void> => {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`)
  const started = performance.now()
  const backpressure = backpressureOf(folder)
  const ports = {
    ...systemPorts,
    store,
    categories: readCategories(env['LEDGERDESK_CATEGORIES'] || undefined),
    uploads: noUploads,
    team: { isSupport: () => true },
    caughtUp: backpressure.caughtUp,
    observe: () => undefined,
  }
  const run = createImportRunner(ports, createCommands(ports), importProgress(ports, source), {
    source,
    rejects: openRejects(file),
    concurrency: backpressure.concurrency,
    onProgress: (done, all) => progressLine(`${done} of ${all} lines, ${Math.round(done / seconds(started))} a second`),
  })
  const result = await run(file).finally(backpressure.stop)
  endProgress()
  await print(JSON.stringify({ ...result, seconds: seconds(started) }))
}

/**
 * `import --events FILE`: puts exported events back exactly as they were. Servers on a cluster would take them for news
 * and tell everybody, so they go into a folder first: what `copy` brings was there before the first server.
 */
export const importEvents = async (store: EventStore, place: LogPlace, folder: string, file: string): Promise<void> => {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`)
  if (!('folder' in place)) {
    throw new Failure(
      'events go into a folder first (without LEDGERDESK_EVENT_STORE), and from there to the cluster: ledgerdesk copy --from sqlite:FOLDER --to ESDB',
    )
  }
  const started = performance.now()
  const suppressed = suppressNotifications(store, folder)
  try {
    const { events } = await restore(suppressed.store, systemPorts.sha256, file)
    await print(JSON.stringify({ events, seconds: seconds(started) }))
  } finally {
    suppressed.close()
  }
}
