import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { existsSync } from 'node:fs'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { noUploads } from '../../domain/files/uploads.ts'
import { readSetting, settings } from '../config.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
import { createImportRunner } from '../import/import-runner.ts'
import { backpressureOf } from '../import/backpressure.ts'
import { BrokenLine } from '../import/lines.ts'
import { importProgress } from '../import/progress.ts'
import { openRejects } from '../import/rejects.ts'
import { restore } from '../import/restore.ts'
import { suppressNotifications } from '../import/notification-suppression.ts'
import { createCommands } from '../commands/commands.ts'
import { systemPorts } from '../system.ts'
import { endProgress, print, progressLine, elapsedSeconds } from './output.ts'

/** Prints the result as JSON; an invalid line of the file is a failure. */
const printResult = async (file: string, run: () => Promise<object>): Promise<Either<Failure, void>> => {
  if (!existsSync(file)) return left({ code: 'NotFound', what: `file ${file}` })
  const started = performance.now()
  try {
    const result = await run()
    endProgress()
    await print(JSON.stringify({ ...result, seconds: elapsedSeconds(started) }))
    return right(undefined)
  } catch (error) {
    if (error instanceof BrokenLine) return left({ code: 'UnusableImport', reason: `${file}: ${error.message}` })
    throw error
  }
}

/** `import FILE`: runs recorded commands; those that the domain refuses go to `FILE.rejects.ndjson` with the reason. */
export const importCommands =
  (
    store: EventStore,
    folder: string,
    file: string,
    source: string,
    env: NodeJS.ProcessEnv,
  ): TaskEither<Failure, void> =>
  async () => {
    const categories = readSetting(env, settings.categories)
    if (isLeft(categories)) return categories
    const backpressure = backpressureOf(folder)
    const ports = {
      ...systemPorts,
      store,
      categories: categories.right,
      uploads: noUploads,
      team: { isSupport: () => true },
      caughtUp: backpressure.caughtUp,
      observe: () => undefined,
    }
    const started = performance.now()
    const run = createImportRunner(ports, createCommands(ports), importProgress(ports, source), {
      source,
      rejects: openRejects(file),
      concurrency: backpressure.concurrency,
      onProgress: (done, all) =>
        progressLine(`${done} of ${all} lines, ${Math.round(done / elapsedSeconds(started))} a second`),
    })
    return printResult(file, () => run(file).finally(backpressure.stop))
  }

/**
 * `import --events FILE`: restores exported events as they were. Only into a folder: servers on a cluster would send
 * notifications about them, while `copy` brings them there before the first server starts.
 */
export const importEvents =
  (store: EventStore, place: LogPlace, folder: string, file: string): TaskEither<Failure, void> =>
  async () => {
    if (!('folder' in place) && existsSync(file)) {
      return left({
        code: 'UnusableImport',
        reason:
          'exported events go into a folder first (without LEDGERDESK_EVENT_STORE), and from there to the cluster',
        remedy: 'run ledgerdesk copy --from sqlite:FOLDER --to ESDB afterwards',
      })
    }
    return printResult(file, async () => {
      const suppressed = suppressNotifications(store, folder)
      try {
        return await restore(suppressed.store, systemPorts.sha256, file)
      } finally {
        suppressed.close()
      }
    })
  }
