import { setImmediate as turn } from 'node:timers/promises'
import { readable, type EventStore, type Subscription, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import { isDamage } from './damage.ts'

/** What the runner has to say. */
export interface ReadModelLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface Follower {
  /** Resolves when the views first hold what the log held at the start, or when stopped before. */
  readonly caughtUp: Promise<void>
  readonly ready: () => boolean
  /** When the newest event was recorded that is in the views while more wait behind it (ms); 0 when none wait. */
  readonly behindSince: () => number
  /** Somebody met this error elsewhere: stop, mend, go on. */
  readonly interrupt: (error: unknown) => void
  readonly stop: () => Promise<void>
}

interface Fed {
  readonly apply: (events: readonly StoredEvent[]) => void
  readonly checkpoint: () => Position
  /** Makes sure that what was fed before came from this log. */
  readonly belong: () => Promise<void>
  readonly retryParked: () => Promise<void>
  /** Puts a new file in the place of a damaged one. */
  readonly remake: (error: unknown) => void
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  readonly recordedAt: (events: readonly StoredEvent[]) => number
  readonly now: () => number
  readonly log: ReadModelLog
  /** Others are answered from the start on: no batch is longer than a turn. */
  readonly isAside: boolean
}

const batchSize = 1_000
/** Once queries are answered, a batch is applied in turns as short as this many events take. */
const turnSize = 100
/** Waits before another attempt after something failed that is not the file's contents, in ms. */
const restartMs = 1_000
const sayEveryMs = 10_000

/** Feeds the log to the read models until stopped: catches up, follows, and starts again after whatever breaks. */
export const follower = (store: EventStore, fed: Fed): Follower => {
  let [ready, stopped, behindSince] = [false, false, 0]
  let interrupt: (error: unknown) => void = () => undefined
  let wakeUp: () => void = () => undefined
  let firstCaughtUp: () => void = () => undefined
  const caughtUp = new Promise<void>((resolve) => (firstCaughtUp = resolve))

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    const step = ready || fed.isAside ? turnSize : batchSize
    for (let at = 0; at < events.length && !stopped; at += step) {
      if (at > 0) await turn()
      fed.apply(events.slice(at, at + step))
    }
    behindSince = events.length < batchSize ? 0 : fed.recordedAt(events)
  }

  /** Ready once the views hold everything that the log held when asked. */
  const untilReady = async (isOver: () => boolean, from: Position): Promise<void> => {
    const head = readable(await store.head()())
    if (from === start && head !== start) {
      fed.log.info({ of: head }, 'the read models are made from the log')
    }
    while (!isOver() && !(await fed.waitFor(head, sayEveryMs))) {
      fed.log.info({ at: fed.checkpoint(), of: head }, 'the read models are catching up')
    }
    if (isOver()) return
    ready = true
    firstCaughtUp()
  }

  /** One following from the checkpoint on; answers why it ended. */
  const attempt = async (): Promise<unknown> => {
    let subscription: Subscription | undefined
    let over = false
    try {
      await fed.belong()
      await fed.retryParked()
      const ended = new Promise<unknown>((resolve) => (interrupt = resolve))
      if (stopped) return undefined
      const from = fed.checkpoint()
      subscription = store.subscribe(from, { batchSize }, onBatch, interrupt)
      const failed = untilReady(() => over, from).then(
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
      // Before the first catching up nothing else keeps a server alive that waits for its log.
      const timer = setTimeout(resolve, restartMs)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const mend = async (error: unknown): Promise<void> => {
    if (!isDamage(error)) throw error
    ready = false
    fed.remake(error)
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      const error = await attempt()
      if (stopped) return
      try {
        await mend(error)
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
    ready: () => ready,
    behindSince: () => behindSince,
    interrupt: (error) => {
      ready = false
      interrupt(error)
    },
    stop: async () => {
      stopped = true
      interrupt(undefined)
      wakeUp()
      await done
      firstCaughtUp()
    },
  }
}
