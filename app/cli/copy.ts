import { bind, Do, right, type Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { connectionStringError } from '../../adapters/event-store/eventstoredb/connect.ts'
import { copyLog } from '../copy/copy.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
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

/** `copy`: prints the size and digest that both logs have at the end, as JSON. */
export const copy = (options: { readonly from: string; readonly to: string }): TE.TaskEither<Failure, void> => {
  const started = performance.now()
  return pipe(
    Do,
    bind('from', () => placeOf('--from', options.from)),
    bind('to', () => placeOf('--to', options.to)),
    TE.fromEither,
    TE.flatMap(({ from, to }) =>
      withLog(from, 'name the data folder of the server in --from, as sqlite:DIR', (source) =>
        withNewLog(to, (target) =>
          copyLog(source, target, systemPorts.sha256, (events) => progressLine(`${events} events`)),
        ),
      ),
    ),
    TE.flatMap((copied) => {
      endProgress()
      return TE.fromTask(() => print(JSON.stringify({ ...copied, seconds: elapsedSeconds(started) })))
    }),
  )
}
