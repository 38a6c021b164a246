import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Logger } from 'pino'
import { clamdScanner, noScanner, type Scanner } from '../adapters/files/clamd.ts'
import { contentOf } from '../adapters/files/content.ts'
import { openFileStore, type FileStore } from '../adapters/files/store.ts'
import { sweep, type SweepPorts } from '../adapters/files/sweep.ts'
import { uploadsIn } from '../adapters/files/uploads.ts'
import type { EventStore } from '../domain/event-log/event-store.ts'
import type { Uploads } from '../domain/files/uploads.ts'
import { ticketStream, type TicketId } from '../domain/ids.ts'
import type { Config } from './config.ts'
import { loadStream } from './commands/load-stream.ts'
import { systemPorts } from './system.ts'

const sweepEveryMs = 60_000

export interface Files {
  readonly store: FileStore
  readonly uploads: Uploads
  /** Stops sweeping; resolves when the current sweep is done. */
  readonly close: () => Promise<void>
}

const scannerOf = ({ clamd }: Config, logger: Logger): Scanner => {
  if (clamd === undefined) {
    logger.warn('no virus scanner: LEDGERDESK_CLAMD is not set, so files are checked by name, content and size only')
    return noScanner
  }
  return clamdScanner(clamd.host, clamd.port, (error) => logger.warn({ err: error }, 'the virus scanner failed'))
}

/** Whether a ticket's events name the file; null while its stream cannot be read. */
const namedIn =
  (store: EventStore) =>
  (ticket: TicketId, file: string): Promise<boolean | null> =>
    pipe(
      loadStream(store, systemPorts.sha256)(ticketStream(ticket)),
      TE.match(
        () => null,
        ({ events }) => events.some((event) => event.type === 'FileAttached' && event.data.file === file),
      ),
    )()

/** Opens the folder of files, and sweeps it now and every minute. */
export const openFiles = async (config: Config, log: EventStore, logger: Logger): Promise<Files> => {
  const { clock } = systemPorts
  const scan = scannerOf(config, logger)
  const store = await openFileStore({ folder: config.files, contentOf, scan, clock })
  const uploads = uploadsIn(store.folders, ({ id, error }) =>
    logger.error({ err: error, file: id }, 'a file stays claimed'),
  )
  const onError: SweepPorts['onError'] = ({ file, error, setAside }) => {
    const outcome = setAside ? 'it was moved to the folder damaged' : 'the next sweep tries it again'
    logger.error({ err: error, file }, `a file could not be swept; ${outcome}`)
  }
  const sweepOnce = async (): Promise<void> => {
    try {
      const isNamed = namedIn(log)
      const swept = await sweep({ folders: store.folders, uploads, scan, isNamed, onError, now: clock.now() })
      if (swept.removed + swept.kept + swept.released > 0) logger.info(swept, 'swept the files')
    } catch (error) {
      logger.error({ err: error }, 'the files could not be swept')
    }
  }
  // The start does not wait for it: it may scan files.
  let sweeping = sweepOnce()
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweepOnce)
  }, sweepEveryMs).unref()
  return {
    store,
    uploads,
    close: async () => {
      clearInterval(timer)
      await sweeping
    },
  }
}
