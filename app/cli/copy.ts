import { bind, Do, right, tap, type Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  clusterOf,
  connectionStringError,
  withoutCredentials,
} from '../../adapters/event-store/eventstoredb/connect.ts'
import { copyAndSeal, copyLog } from '../copy/copy.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
import { forgetEmptyLog, waitingMails } from '../mail/outbox-log.ts'
import { systemPorts } from '../system.ts'
import { invalidArgument } from './arguments.ts'
import { withLog, withNewLog } from './log.ts'
import { endProgress, print, progressLine, elapsedSeconds } from './output.ts'

/** `sqlite:DIR`, the data folder that holds the log, or `esdb://…`. */
const placeOf = (option: string, text: string): Either<Failure, LogPlace> => {
  if (text.startsWith('sqlite:') && text !== 'sqlite:') return right({ folder: text.slice('sqlite:'.length) })
  const error = text.startsWith('esdb') ? connectionStringError(text) : 'must be sqlite:DIR or esdb://…'
  return error === null ? right({ connectionString: text }) : invalidArgument(option, error)
}

/** What the seal of a log names: a place that another process finds, without a user and a password. */
const publicPlaceOf = (place: LogPlace): string =>
  'folder' in place ? `sqlite:${resolve(place.folder)}` : withoutCredentials(place.connectionString)

const realPath = (folder: string): string => {
  try {
    return realpathSync(folder)
  } catch {
    return resolve(folder)
  }
}

/** Two places of one log: the same folder, or the same hosts of a cluster with the same namespace. */
const isSamePlace = (from: LogPlace, to: LogPlace): boolean => {
  if ('folder' in from) return 'folder' in to && realPath(from.folder) === realPath(to.folder)
  return 'connectionString' in to && clusterOf(from.connectionString) === clusterOf(to.connectionString)
}

const requireTwoPlaces = ({ from, to }: { readonly from: LogPlace; readonly to: LogPlace }): Either<Failure, unknown> =>
  isSamePlace(from, to) ? invalidArgument('--to', 'must be another log than that of --from') : right(undefined)

interface CopyOptions {
  readonly from: string
  readonly to: string
  readonly seal?: true
}

/** Mails that a sealed folder still holds go out only from there. */
const warnOfWaitingMails = (place: LogPlace): void => {
  const waiting = 'folder' in place ? waitingMails(place.folder) : 0
  if (waiting === 0) return
  process.stderr.write(
    `${waiting} mails wait in ${'folder' in place ? place.folder : ''}: keep its server running until ledgerdesk mail lists none\n`,
  )
}

/** `copy`: prints the size and digest that both logs have at the end, as JSON. */
export const copy = (options: CopyOptions): TE.TaskEither<Failure, void> => {
  const started = performance.now()
  const onProgress = (events: number): void => progressLine(`${events} events`)
  return pipe(
    Do,
    bind('from', () => placeOf('--from', options.from)),
    bind('to', () => placeOf('--to', options.to)),
    tap(requireTwoPlaces),
    TE.fromEither,
    TE.flatMap(({ from, to }) =>
      withLog(from, 'name the data folder of the server in --from, as sqlite:DIR', (source) =>
        withNewLog(to, (target) => {
          if ('folder' in to) forgetEmptyLog(to.folder)
          return options.seal === true
            ? pipe(
                copyAndSeal(source, target, publicPlaceOf(to), systemPorts.sha256, onProgress),
                TE.tapIO(() => () => warnOfWaitingMails(from)),
                TE.map((copied) => ({ ...copied, sealed: publicPlaceOf(to) })),
              )
            : copyLog(source, target, systemPorts.sha256, onProgress)
        }),
      ),
    ),
    TE.flatMap((copied) => {
      endProgress()
      return TE.fromTask(() => print(JSON.stringify({ ...copied, seconds: elapsedSeconds(started) })))
    }),
  )
}
