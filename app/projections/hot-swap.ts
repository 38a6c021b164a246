import { setImmediate as turn } from 'node:timers/promises'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { comparePositions } from '../../domain/event-log/envelope.ts'
import type { Database } from 'better-sqlite3'
import type { Applier } from './projection-runner.ts'
import type { ReadModelLog } from './subscriber.ts'

interface Generation {
  readonly file: string
  readonly db: Database
  /** Names of the projections in it that this code would have in another version. */
  readonly stale: readonly string[]
  readonly applier: Applier
}

interface Succession<G extends Generation> {
  readonly present: () => G
  /** The file that should be in use. */
  readonly pointed: () => string
  /** Names of the projections in a file that this code would have in another version; the file is only read. */
  readonly staleIn: (file: string) => readonly string[]
  readonly open: () => G
  /** Puts the next generation in the place of the present one, in one step. */
  readonly swap: (next: G) => void
  readonly log: ReadModelLog
}

/** How often the pointer is read again. */
const lookMs = 100
/** As many events as are applied without an answer in between. */
const turnSize = 100

/**
 * Takes up what another process rebuilt: opens the new file, lets it catch up with the present one while that goes on
 * answering, and swaps when it holds as much, so that nobody's view goes back.
 */
export const successor = <G extends Generation>({ present, pointed, staleIn, open, swap, log }: Succession<G>) => {
  let [stopped, refused] = [false, '']
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()

  const catchUp = async (store: EventStore, next: G): Promise<void> => {
    while (!stopped) {
      const at = next.applier.checkpoint()
      if (comparePositions(at, present().applier.checkpoint()) >= 0) return swap(next)
      const events = readable(await store.readLog(at, turnSize)())
      for (const parked of next.applier.apply(events)) log.error(parked, 'a projection parked a ticket')
      await turn()
    }
    next.db.close()
  }

  const look = async (store: EventStore): Promise<void> => {
    const file = pointed()
    if (file === present().file || file === refused) return
    const worse = staleIn(file).filter((name) => !present().stale.includes(name))
    if (worse.length === 0) return catchUp(store, open())
    // Another build's: taking it up would put an older or newer view in the place of our own.
    refused = file
    log.info(
      { projections: worse },
      'the rebuilt read models are of another version of the program, and are left alone',
    )
  }

  return {
    follow: (store: EventStore): void => {
      const again = (): void => {
        underWay = look(store)
          .catch((error: unknown) => log.error({ err: error }, 'the rebuilt read models cannot be used yet'))
          .then(() => {
            if (!stopped) timer = setTimeout(again, lookMs).unref()
          })
      }
      again()
    },
    stop: async (): Promise<void> => {
      stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
