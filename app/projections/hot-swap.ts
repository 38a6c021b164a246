import type { Database } from 'better-sqlite3'
import { comparePositions, type Position } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { completeAnchor, isOfLog } from './file-anchor.ts'
import type { ReadModelLog } from './log-subscription.ts'
import type { ProjectionRunner } from './projection-runner.ts'
import { inSteps, stepMs } from './steps.ts'

/** An open file of read models. */
interface Generation {
  readonly file: string
  readonly db: Database
  /** Names of this build's read models that are missing in the file or not current. */
  readonly outdated: readonly string[]
  /** Feeds those that are current. */
  readonly runner: ProjectionRunner
}

interface HotSwapPorts<G extends Generation> {
  readonly current: () => G
  /** The position of the current generation; the last known one while its file cannot be read. */
  readonly checkpoint: () => Position
  /** The path of the file that should be in use. */
  readonly currentFile: () => string
  /** Names of this build's read models that are not current in a file, which is only read. */
  readonly outdatedIn: (file: string) => readonly string[]
  readonly open: () => G
  /** Puts the next generation in the place of the current one, in one step. */
  readonly swap: (next: G) => void
  readonly log: ReadModelLog
}

/** How often the current file is looked up again; after a failure half as often each time, down to once in `most` ms. */
const pollMs = { first: 100, most: 60_000 }
/** As many events are read without other work in between. */
const pageSize = 100

/**
 * Replaces the current file by one that a rebuild published: opens it, lets it catch up with the current one while that
 * goes on answering, and swaps when it holds as much, so that no reader sees an earlier state again.
 */
export const hotSwap = <G extends Generation>(ports: HotSwapPorts<G>) => {
  const { current, checkpoint, currentFile, outdatedIn, open, swap, log } = ports
  let [stopped, refused] = [false, '']
  let timer: NodeJS.Timeout | undefined
  let polling: Promise<void> = Promise.resolve()

  const refuse = (file: string, reason: string, fields: object = {}): void => {
    refused = file
    log.info({ file, ...fields }, `the rebuilt read models ${reason} and are not used`)
  }
  const isStopped = (): boolean => stopped
  const applyStep = ({ runner }: G, events: readonly StoredEvent[]): number => {
    const { count, parked } = runner.applyStep(events, stepMs)
    for (const each of parked) log.error(each, 'a projection parked a ticket')
    return count
  }

  const catchUp = async (store: EventStore, next: G): Promise<void> => {
    let isUsed = false
    try {
      if (!(await isOfLog(store, next.db))) return refuse(next.file, 'are of another log')
      await completeAnchor(store, next.db)
      while (!stopped && !isUsed) {
        const at = next.runner.checkpoint()
        isUsed = comparePositions(at, checkpoint()) >= 0
        if (isUsed) return swap(next)
        const events = readable(await store.readLog(at, pageSize)())
        await inSteps(events, (rest) => applyStep(next, rest), isStopped)
      }
    } finally {
      if (!isUsed) next.db.close()
    }
  }

  const poll = async (store: EventStore): Promise<void> => {
    const file = currentFile()
    if (file === current().file || file === refused) return
    const worse = outdatedIn(file).filter((name) => !current().outdated.includes(name))
    if (worse.length === 0) return catchUp(store, open())
    // Published by another build. Its read models would replace current ones by ones of another version.
    refuse(file, 'are of another version of the program', { projections: worse })
  }

  return {
    /** Whether a published file is about to be used. */
    isPending: (): boolean => ![current().file, refused].includes(currentFile()),
    start: (store: EventStore): void => {
      let ms = pollMs.first
      const again = (): void => {
        polling = poll(store)
          .then(
            () => (ms = pollMs.first),
            (error: unknown) => {
              log.error({ err: error }, 'the rebuilt read models cannot be used yet')
              ms = Math.min(pollMs.most, 2 * ms)
            },
          )
          .then(() => {
            if (!stopped) timer = setTimeout(again, ms).unref()
          })
      }
      again()
    },
    stop: async (): Promise<void> => {
      stopped = true
      clearTimeout(timer)
      await polling
    },
  }
}
