import { setImmediate as nextTick } from 'node:timers/promises'
import { isDamage } from '../../adapters/errors.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent, type Subscription } from '../../domain/event-log/event-store.ts'

export interface ReadModelLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface LogSubscription {
  /** Resolves when the read models first hold what the log held at the start, or when stopped before. */
  readonly caughtUp: Promise<void>
  readonly isCaughtUp: () => boolean
  /** The time at which the newest applied event was recorded (ms) while more wait behind it; 0 when none wait. */
  readonly behindSince: () => number
  /** Begins again from the checkpoint of the file that is in use now. */
  readonly restart: () => void
  /** Reports a broken file that a query met: it is replaced, and the subscription begins again. */
  readonly interrupt: (error: unknown) => void
  readonly stop: () => Promise<void>
}

/** The read models that a subscription feeds. */
interface Fed {
  readonly apply: (events: readonly StoredEvent[]) => void
  readonly checkpoint: () => Position
  /** Nothing in the file can be fed: all of it is being rebuilt. */
  readonly isIdle: () => boolean
  /** Replaces a file that was made from another log. */
  readonly checkOrigin: () => Promise<void>
  readonly retryParked: () => Promise<void>
  /** Puts a new file in the place of a damaged one. */
  readonly remake: (error: unknown) => void
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  readonly recordedAt: (events: readonly StoredEvent[]) => number
  readonly now: () => number
  readonly log: ReadModelLog
  /** The server answers other requests from the start on: short steps already while catching up. */
  readonly inBackground: boolean
}

const batchSize = 1_000
/** Once requests are answered, a batch is applied in steps of so many events, with other work in between. */
const stepSize = 100
/** The delay before another attempt after an error that is not a damaged file (ms). */
const retryMs = 1_000
const reportEveryMs = 10_000

const restarted = Symbol('restarted')

/** Feeds the log to the read models until stopped: catches up, follows, and begins again after any error. */
export const subscribeToLog = (store: EventStore, fed: Fed): LogSubscription => {
  let [isCaughtUp, stopped, behindSince] = [false, false, 0]
  let interrupt: (error: unknown) => void = () => undefined
  let endPause: () => void = () => undefined
  let firstCaughtUp: () => void = () => undefined
  const caughtUp = new Promise<void>((resolve) => (firstCaughtUp = resolve))

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    const step = isCaughtUp || fed.inBackground ? stepSize : batchSize
    for (let at = 0; at < events.length && !stopped; at += step) {
      if (at > 0) await nextTick()
      fed.apply(events.slice(at, at + step))
    }
    behindSince = events.length < batchSize ? 0 : fed.recordedAt(events)
  }

  /** Caught up once the read models hold everything that the log holds now. */
  const catchUp = async (isOver: () => boolean, from: Position): Promise<void> => {
    const head = readable(await store.head()())
    if (from === start && head !== start) fed.log.info({ of: head }, 'the read models are made from the log')
    while (!isOver() && !(await fed.waitFor(head, reportEveryMs))) {
      fed.log.info({ at: fed.checkpoint(), of: head }, 'the read models are catching up')
    }
    if (isOver()) return
    isCaughtUp = true
    firstCaughtUp()
  }

  /** One subscription from the checkpoint on; resolves with the reason for its end. */
  const attempt = async (): Promise<unknown> => {
    let subscription: Subscription | undefined
    let over = false
    try {
      await fed.checkOrigin()
      await fed.retryParked()
      const ended = new Promise<unknown>((resolve) => (interrupt = resolve))
      if (stopped) return undefined
      const from = fed.checkpoint()
      if (!fed.isIdle()) subscription = store.subscribe(from, { batchSize }, onBatch, interrupt)
      const failed = catchUp(() => over, from).then(
        () => ended,
        (error: unknown) => error,
      )
      return await Promise.race([ended, failed])
    } catch (error) {
      return error
    } finally {
      over = true
      await subscription?.stop()
    }
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      // Not unref'd: before the first catching up, nothing else keeps a process alive that waits for its log.
      const timer = setTimeout(resolve, retryMs)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const recover = (error: unknown): void => {
    if (error === restarted) return
    if (!isDamage(error)) throw error
    isCaughtUp = false
    fed.remake(error)
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      const error = await attempt()
      if (stopped) return
      try {
        recover(error)
      } catch (trouble) {
        fed.log.error({ err: trouble }, 'the read models stopped; they will try again')
        if (behindSince === 0) behindSince = fed.now()
        await pause()
      }
    }
  }
  const done = run()

  return {
    caughtUp,
    isCaughtUp: () => isCaughtUp,
    behindSince: () => behindSince,
    restart: () => interrupt(restarted),
    interrupt: (error) => {
      isCaughtUp = false
      interrupt(error)
    },
    stop: async () => {
      stopped = true
      interrupt(undefined)
      endPause()
      await done
      firstCaughtUp()
    },
  }
}
