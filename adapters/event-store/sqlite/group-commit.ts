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

/** The failure that an error of SQLite while writing means; null for a bug. */
const failureOf = (error: unknown): AppendFailure | null => {
  const code = codeOf(error)
  if (code === 'SQLITE_FULL') return { tag: 'StorageFull' }
  if (code.startsWith('SQLITE_BUSY')) return { tag: 'StoreUnavailable', reason: 'another process holds the log' }
  if (code.startsWith('SQLITE_READONLY')) return { tag: 'StoreUnavailable', reason: 'the log is read-only' }
  if (code.startsWith('SQLITE_')) return { tag: 'OutcomeUnknown', reason: code }
  return null
}

/**
 * Commits appends that arrive together in one transaction with one sync; each keeps an outcome of its own. The first
 * append of an event-loop iteration commits in a microtask, so that a single caller never waits; the later ones of the
 * same iteration are committed together when it ends.
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
  let committedInIteration = false
  let broken: string | null = null

  /** Runs an append behind a savepoint: its failure does not affect the others of the group. */
  const runGuarded = (job: Job): (() => void) => {
    save.run()
    try {
      const outcome = job.run()
      release.run()
      return () => job.settle(outcome)
    } catch (error) {
      const code = codeOf(error)
      // Errors of the disk end the transaction; only bugs and violated constraints concern a single append.
      if (code !== '' && !code.startsWith('SQLITE_CONSTRAINT')) throw error
      undo.run()
      release.run()
      return () => job.fail(error)
    }
  }

  /** Without a savepoint: a rejected append writes nothing and throws nothing, so most groups need none. */
  const run = (job: Job): (() => void) => {
    const outcome = job.run()
    return () => job.settle(outcome)
  }

  const together = (jobs: readonly Job[], each: (job: Job) => () => void): readonly (() => void)[] => {
    begin.run()
    try {
      const settlers = jobs.map(each)
      commit.run()
      return settlers
    } catch (error) {
      if (db.inTransaction) rollback.run()
      throw error
    }
  }

  /** Where one append throws for a reason of its own, all are rolled back and run again, each behind a savepoint. */
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
      const settlers = runAll(jobs)
      for (const settle of settlers) settle()
      onCommit()
    } catch (error) {
      const failure = failureOf(error)
      // After an error of the disk its content is unknown until the log is opened again. Appends are refused until then.
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
    if (committedInIteration) {
      setImmediate(flush)
      return
    }
    committedInIteration = true
    setImmediate(() => (committedInIteration = false))
    queueMicrotask(flush)
  }

  return {
    add: (run: () => Outcome): Promise<Outcome> =>
      broken === null
        ? new Promise((settle, fail) => {
            waiting.push({ run, settle, fail })
            schedule()
          })
        : Promise.resolve(
            left({ tag: 'StoreUnavailable', reason: `writing stopped after ${broken}: restart the server` }),
          ),
    /** Commits the waiting appends at once. */
    flush: (): void => {
      if (waiting.length > 0) flush()
    },
  }
}
