import { projectionsOf, setNames } from '../../projections/registry.ts'
import type { LogPlace } from '../event-store.ts'
import { compareInWorker, partsOf, rebuildInWorker } from '../projections/rebuild-in-worker.ts'
import { NotRebuilt, type Progress } from '../projections/rebuild.ts'
import { Failure } from './failure.ts'
import { endProgress, print, progressLine } from './output.ts'

export const projectionNames = setNames.flatMap(projectionsOf).map(({ name }) => name)

const textOf = ({ events, perSecond, secondsLeft }: Progress): string =>
  `${events} events, ${perSecond} a second, ${secondsLeft} s left`

const onProgress = (progress: Progress): void => progressLine(textOf(progress))

/** Reports why nothing was rebuilt as a failure of the command. */
const orFailure = async <A>(work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NotRebuilt) throw new Failure(error.message)
    throw error
  } finally {
    endProgress()
  }
}

/** `rebuild`: rebuilds read models and swaps, or with `check` prints the digests of the live and the rebuilt ones. */
export const printRebuild = async (
  place: LogPlace,
  folder: string,
  names: readonly string[],
  check: boolean,
): Promise<void> => {
  const unknown = names.find((name) => !projectionNames.includes(name))
  if (unknown !== undefined) {
    throw new Failure(`there is no projection "${unknown}"; they are ${projectionNames.join(', ')}`)
  }
  const started = performance.now()
  const parts = partsOf(names)
  const order = { place, folder, parts }
  if (check) {
    const items = await orFailure(() => compareInWorker(order, onProgress))
    await print(JSON.stringify({ items }, null, 2))
    const differing = items.filter(({ same }) => !same)
    if (differing.length > 0)
      throw new Failure(`${differing.map(({ name }) => name).join(', ')}: not what the log says`)
    return
  }
  const events = await orFailure(() => rebuildInWorker(order, onProgress))
  const seconds = Math.round(performance.now() - started) / 1000
  await print(JSON.stringify({ projections: parts.flatMap(({ names: own }) => own), events, seconds }))
}
