import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { projectionsOf, setNames } from '../../projections/registry.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
import { compareInWorker, partsOf, rebuildInWorker } from '../projections/rebuild-in-worker.ts'
import { NotRebuilt, type Progress } from '../projections/rebuild.ts'
import { endProgress, print, progressLine, elapsedSeconds } from './output.ts'

export const projectionNames = setNames.flatMap(projectionsOf).map(({ name }) => name)

const onProgress = ({ events, perSecond, secondsLeft }: Progress): void =>
  progressLine(`${events} events, ${perSecond} a second, ${secondsLeft} s left`)

const orFailure =
  <A>(work: () => Promise<A>): TE.TaskEither<Failure, A> =>
  async () => {
    try {
      return E.right(await work())
    } catch (error) {
      if (error instanceof NotRebuilt) return E.left({ code: 'RefusedRebuild', reason: error.message })
      throw error
    } finally {
      endProgress()
    }
  }

const checkNames = (names: readonly string[]): E.Either<Failure, readonly string[]> => {
  const unknown = names.find((name) => !projectionNames.includes(name))
  if (unknown === undefined) return E.right(names)
  return E.left({
    code: 'NotFound',
    what: `projection "${unknown}"`,
    remedy: `choose among ${projectionNames.join(', ')}`,
  })
}

/** `rebuild`: rebuilds read models and swaps them, or with `check` prints the digests of the live and the rebuilt ones. */
export const printRebuild = (
  place: LogPlace,
  folder: string,
  names: readonly string[],
  check: boolean,
): TE.TaskEither<Failure, void> => {
  const started = performance.now()
  const rebuildParts = async () => {
    const parts = partsOf(names)
    const events = await rebuildInWorker({ place, folder, parts }, onProgress)
    return { projections: parts.flatMap(({ names: own }) => own), events, seconds: elapsedSeconds(started) }
  }
  const compareParts = () => compareInWorker({ place, folder, parts: partsOf(names) }, onProgress)
  return pipe(
    TE.fromEither(checkNames(names)),
    TE.flatMap(() =>
      check
        ? pipe(
            orFailure(compareParts),
            TE.tap((items) => TE.fromTask(() => print(JSON.stringify({ items }, null, 2)))),
            TE.map((items) => items.filter(({ same }) => !same).map(({ name }) => name)),
            TE.filterOrElse(
              (different) => different.length === 0,
              (different): Failure => ({ code: 'DifferentReadModels', names: different }),
            ),
            TE.map(() => undefined),
          )
        : pipe(
            orFailure(rebuildParts),
            TE.flatMap((result) => TE.fromTask(() => print(JSON.stringify(result)))),
          ),
    ),
  )
}
