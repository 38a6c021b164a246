import type { Database } from 'better-sqlite3'
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Appended, AppendFailure } from '../../../domain/event-log/event-store.ts'
import { codeOf } from '../../errors.ts'

type Outcome = Either<AppendFailure, Appended>

interface Job {
  readonly run: () => Outcome
  readonly settle: (outcome: Outcome) => void
  readonly fail: (error: unknown) => void
}

/** What an error from SQLite while writing says about the outcome; null for a bug. */
const failureOf = (error: unknown): AppendFailure | null => {
  const code = codeOf(error)
  if (code === 'SQLITE_FULL') return { tag: 'StorageFull' }
  if (code.startsWith('SQLITE_BUSY')) return { tag: 'StoreUnavailable', reason: 'another process holds the log' }
  if (code.startsWith('SQLITE_READONLY')) return { tag: 'StoreUnavailable', reason: 'the log is read-only' }
  if (code.startsWith('SQLITE_')) return { tag: 'OutcomeUnknown', reason: code }
  return null
}

/**
 * Appends that arrive together share one transaction and one sync, each with a savepoint and an outcome of its own.
 * The first append of an event-loop turn commits at the end of its own microtasks, so that a lone caller never waits;
 * those that follow in the same turn gather until the turn ends.
 */
export const groupCommit = (db: Database, onCommit: () => void) => {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const save = db.prepare('SAVEPOINT one')
  const release = db.prepare('RELEASE one')
  const undo = db.prepare('ROLLBACK TO one')
  let waiting: Job[] = []
  let scheduled = false
  let committedThisTurn = false
  let broken: string | null = null

  /** One append behind a savepoint: its failure leaves its neighbours alone. */
  const runGuarded = (job: Job): (() => void) => {
    save.run()
    try {
      const outcome = job.run()
      release.run()
      return () => job.settle(outcome)
    } catch (error) {
      const code = codeOf(error)
      // Errors of the disk end the whole transaction; only bugs and broken rules are this append's alone.
      if (code !== '' && !code.startsWith('SQLITE_CONSTRAINT')) throw error
      undo.run()
      release.run()
      return () => job.fail(error)
    }
  }

  /** What is refused writes nothing and throws nothing, so most groups need no savepoint. */
  const run = (job: Job): (() => void) => {
    const outcome = job.run()
    return () => job.settle(outcome)
  }

  const together = (jobs: readonly Job[], each: (job: Job) => () => void): readonly (() => void)[] => {
    begin.run()
    try {
      const answers = jobs.map(each)
      commit.run()
      return answers
    } catch (error) {
      if (db.inTransaction) rollback.run()
      throw error
    }
  }

  /** Where one of them throws for a reason of its own, all are undone and run again, each behind a savepoint. */
  const runAll = (jobs: readonly Job[]): readonly (() => void)[] => {
    try {
      return together(jobs, run)
    } catch (error) {
      const code = codeOf(error)
      if (code !== '' && !code.startsWith('SQLITE_CONSTRAINT')) throw error
      return together(jobs, runGuarded)
    }
  }

  const flush = (): void => {
    scheduled = false
    const jobs = waiting
    waiting = []
    try {
      const answers = runAll(jobs)
      for (const answer of answers) answer()
      onCommit()
    } catch (error) {
      const failure = failureOf(error)
      // After an error of the disk nobody knows what it holds: only the next start can tell (reliability, fact 3).
      if (failure?.tag === 'OutcomeUnknown') broken = failure.reason
      for (const job of jobs) {
        if (failure === null) job.fail(error)
        else job.settle(left(failure))
      }
    }
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    if (committedThisTurn) {
      setImmediate(flush)
      return
    }
    committedThisTurn = true
    setImmediate(() => (committedThisTurn = false))
    queueMicrotask(flush)
  }

  return {
    add: (run: () => Outcome): Promise<Outcome> =>
      broken === null
        ? new Promise((settle, fail) => {
            waiting.push({ run, settle, fail })
            schedule()
          })
        : Promise.resolve(left({ tag: 'StoreUnavailable', reason: `writing stopped after ${broken}; restart` })),
    /** Commits what waits, now. */
    flush: (): void => {
      if (waiting.length > 0) flush()
    },
  }
}
