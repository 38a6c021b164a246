import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { readCategories } from '../categories.ts'
import { noUploads } from '../../domain/files/uploads.ts'
import type { LogPlace } from '../event-store.ts'
import { player } from '../import/import-runner.ts'
import { paceOf } from '../import/backpressure.ts'
import { progressOf } from '../import/progress.ts'
import { rejectsOf } from '../import/rejects.ts'
import { restore } from '../import/restore.ts'
import { silently } from '../import/notification-suppression.ts'
import { createCommands } from '../commands/ticket-commands.ts'
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
  const pace = paceOf(folder)
  const ports = {
    ...systemPorts,
    store,
    categories: readCategories(env['LEDGERDESK_CATEGORIES'] || undefined),
    uploads: noUploads,
    team: { isSupport: () => true },
    caughtUp: pace.caughtUp,
    observe: () => undefined,
  }
  const progress = progressOf(ports, source)
  const play = player(ports, createCommands(ports), progress, source, {
    rejects: rejectsOf(file),
    width: pace.width,
    onProgress: (done, all) => progressLine(`${done} of ${all} lines, ${Math.round(done / seconds(started))} a second`),
  })
  const played = await play(file).finally(pace.stop)
  endProgress()
  await print(JSON.stringify({ ...played, seconds: seconds(started) }))
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
  const silent = silently(store, folder)
  try {
    const { events } = await restore(silent.store, systemPorts.sha256, file)
    await print(JSON.stringify({ events, seconds: seconds(started) }))
  } finally {
    silent.close()
  }
}
