import { abortableDelay } from '../../adapters/abortable-delay.ts'
import { isDamage, messageOf } from '../../adapters/errors.ts'
import { envelopeOf, start, type Position } from '../../domain/event-log/envelope.ts'
import {
  readable,
  UnreadableLog,
  type EventStore,
  type Stalled,
  type StoredEvent,
  type Subscription,
} from '../../domain/event-log/event-store.ts'
import { inSteps, stepMs } from './steps.ts'

export interface ReadModelLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface LogSubscription {
  /** Resolves when the read models first hold what the log held at the start, or when stopped before. */
  readonly caughtUp: Promise<void>
  readonly isCaughtUp: () => boolean
  /** The share that the read models hold of what the log held when the present catching up began; null before. */
  readonly progress: () => number | null
  /**
   * Since when the read models are behind (ms): the time at which the newest applied event was recorded while more wait
   * behind it, or that of a failure; 0 when none wait.
   */
  readonly behindSince: () => number
  /** Why the log cannot be read; null while it can. */
  readonly logFailure: () => string | null
  /** Begins again from the checkpoint of the file that is in use now. */
  readonly restart: () => void
  /** Reports a broken file that a query met: it is replaced, and the subscription begins again. */
  readonly interrupt: (error: unknown) => void
  readonly stop: () => Promise<void>
}

/** The read models that a subscription feeds. */
interface Fed {
  /** Applies as many of the first events as fit `ms` milliseconds, at least one; returns how many. */
  readonly applyStep: (events: readonly StoredEvent[], ms: number) => number
  readonly checkpoint: () => Position
  /** Nothing in the file can be fed: all of it is being rebuilt. */
  readonly isIdle: () => boolean
  /** Begins to rebuild a file that is far behind the log, and returns true: `restart` is called when that has ended. */
  readonly rebuildIfFarBehind: () => Promise<boolean>
  /** The file holds all that the log held when the subscription began. */
  readonly onCaughtUp: () => void
  /** Opens the file where it is closed. */
  readonly ensureOpen: () => void
  /** Closes the file and opens it again, so that it is read from the disk. */
  readonly reopen: () => void
  /** Replaces a file that was made from another log, and returns whether it was one. */
  readonly checkOrigin: () => Promise<boolean>
  readonly retryParked: () => Promise<void>
  /** Puts a new file in the place of a damaged one. */
  readonly remake: (error: unknown) => void
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  readonly now: () => number
  readonly log: ReadModelLog
}

/** Reading a batch holds the event loop, so it is read in a part of a step's time. */
const batchSize = 200
/** The delay before another attempt, doubled each time until a batch is applied (ms). */
const retryMs = { first: 500, most: 60_000 }
/** A file that is damaged at so many attempts one after another is replaced: a disk may fail once. */
const damagedAttempts = 3
const reportEveryMs = 10_000

const lastRecordedAt = (events: readonly StoredEvent[]): number => {
  const last = events.at(-1)
  return last === undefined ? 0 : Date.parse(envelopeOf(last).recordedAt) || 0
}

const restarted = Symbol('restarted')

/**
 * Counts attempts that failed since the last success, and reports what is wrong once for each reason: a disk that stays
 * broken fails at every attempt.
 */
const failureTracker = (log: ReadModelLog) => {
  let [failures, damages, reason] = [0, 0, '']
  let logFailure: string | null = null
  const report = (error: unknown): void => {
    if (messageOf(error) !== reason) {
      if (error instanceof UnreadableLog) {
        log.error({ reason: messageOf(error) }, 'the read models wait for the log, which cannot be read')
      } else log.error({ err: error }, 'the read models stopped; they will try again')
    }
    reason = messageOf(error)
    logFailure = error instanceof UnreadableLog ? reason : null
  }
  return {
    report,
    logFailure: () => logFailure,
    succeeded: (): void => {
      if (reason !== '') log.info({}, 'the read models follow the log again')
      ;[failures, damages, reason] = [0, 0, '']
      logFailure = null
    },
    /** How often the file was damaged, this time included. */
    damaged: (): number => ++damages,
    /** Returns how long to wait, in ms. */
    failed: (error: unknown): number => {
      report(error)
      return Math.min(retryMs.most, retryMs.first * 2 ** Math.min(failures++, 10))
    },
  }
}

/** Feeds the log to the read models until stopped: catches up, follows, and begins again after any error. */
export const subscribeToLog = (store: EventStore, fed: Fed): LogSubscription => {
  let [isCaughtUp, stopped, behindSince] = [false, false, 0]
  let interrupt: (error: unknown) => void = () => undefined
  let firstCaughtUp: () => void = () => undefined
  /** A query has found the file damaged, and has read it twice. */
  let isDamageConfirmed = false
  const { delay, abort } = abortableDelay()
  const failures = failureTracker(fed.log)
  const caughtUp = new Promise<void>((resolve) => (firstCaughtUp = resolve))
  /** What the log held when the present catching up began. */
  let target: Position = start

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    await inSteps(
      events,
      (rest) => fed.applyStep(rest, stepMs),
      () => stopped,
    )
    failures.succeeded()
    behindSince = events.length < batchSize ? 0 : lastRecordedAt(events)
  }

  /** The store receives nothing and goes on trying: the read models are as old as what it received last. */
  const onStalled = (stalled: Stalled | null): void => {
    if (stalled === null) {
      failures.succeeded()
      behindSince = 0
      return
    }
    failures.report(new UnreadableLog(stalled.failure))
    if (behindSince === 0) behindSince = fed.now() - stalled.ms
  }

  /** Caught up once the read models hold everything that the log holds now. */
  const catchUp = async (isOver: () => boolean, from: Position): Promise<void> => {
    const head = readable(await store.head()())
    target = head
    if (from === start && head !== start) fed.log.info({ of: head }, 'the read models are made from the log')
    while (!isOver() && !(await fed.waitFor(head, reportEveryMs))) {
      if (isOver()) return
      fed.log.info({ at: fed.checkpoint(), of: head }, 'the read models are catching up')
    }
    if (isOver()) return
    isCaughtUp = true
    fed.onCaughtUp()
    if (from === head) {
      // No batch will say so.
      failures.succeeded()
      behindSince = 0
    }
    firstCaughtUp()
  }

  /** One subscription from the checkpoint on; resolves with the reason for its end. */
  const attempt = async (): Promise<unknown> => {
    let subscription: Subscription | undefined
    let over = false
    try {
      fed.ensureOpen()
      if (await fed.checkOrigin()) isCaughtUp = false
      await fed.retryParked()
      const ended = new Promise<unknown>((resolve) => (interrupt = resolve))
      if (stopped) return undefined
      if (await fed.rebuildIfFarBehind()) {
        isCaughtUp = false
        if (behindSince === 0) behindSince = fed.now()
        return await ended
      }
      const from = fed.checkpoint()
      if (!fed.isIdle()) subscription = store.subscribe(from, { batchSize, onStalled }, onBatch, interrupt)
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

  /** What can be done about an error of the read models themselves. The log's are never theirs: they are typed. */
  const recover = (error: unknown): void => {
    if (!isDamage(error)) throw error
    isCaughtUp = false
    if (!isDamageConfirmed && failures.damaged() < damagedAttempts) {
      fed.reopen()
      throw error
    }
    isDamageConfirmed = false
    fed.remake(error)
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      const error = await attempt()
      if (stopped) return
      if (error === restarted) continue
      try {
        recover(error)
      } catch (trouble) {
        const ms = failures.failed(trouble)
        if (behindSince === 0) behindSince = fed.now()
        // It keeps the process alive: before the first catching up, nothing else does where the log cannot be reached.
        await delay(ms, true)
      }
    }
  }
  const done = run()

  return {
    caughtUp,
    isCaughtUp: () => isCaughtUp,
    progress: () => (target === start ? null : Math.min(1, Number(fed.checkpoint()) / Number(target))),
    behindSince: () => behindSince,
    logFailure: failures.logFailure,
    restart: () => interrupt(restarted),
    interrupt: (error) => {
      isCaughtUp = false
      isDamageConfirmed = true
      interrupt(error)
    },
    stop: async () => {
      stopped = true
      interrupt(undefined)
      abort()
      await done
      firstCaughtUp()
    },
  }
}
