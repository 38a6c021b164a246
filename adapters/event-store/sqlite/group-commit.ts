import type { Database } from 'better-sqlite3'
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Appended, AppendFailure } from '../../../domain/event-log/event-store.ts'
import { codeOf, isDamage } from '../../errors.ts'

/** How the reason begins where nothing was stored and the log as a whole takes no writes. */
export const unwritableLog = 'the log cannot be written'

const unwritable = (why: string): AppendFailure => ({ tag: 'StoreUnavailable', reason: `${unwritableLog}: ${why}` })

type Outcome = Either<AppendFailure, Appended>

interface Job {
  readonly run: () => Outcome
  readonly settle: (outcome: Outcome) => void
  readonly fail: (error: unknown) => void
}

/**
 * The failure that an error of SQLite means; null for a bug. Before COMMIT nothing is stored whatever fails, since a
 * transaction without its last frame does not count when the log is opened. An error of COMMIT itself is not a no
 * (docs/adr/0007-sqlite-log-and-durability.md), but for a full disk, where that frame was not written.
 */
const failureOf = (error: unknown, isCommitting: boolean): AppendFailure | null => {
  const code = codeOf(error)
  if (code === 'SQLITE_FULL') return { tag: 'StorageFull' }
  if (code.startsWith('SQLITE_BUSY')) return { tag: 'StoreUnavailable', reason: 'another process holds the log' }
  if (code.startsWith('SQLITE_READONLY')) return unwritable('it is read-only')
  if (!code.startsWith('SQLITE_')) return null
  return isCommitting ? { tag: 'OutcomeUnknown', reason: code } : unwritable(code)
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
  /** Why nothing is written until the log is opened again. */
  let broken: string | null = null
  let isCommitting = false

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

  /** SQLite has rolled back most failed transactions itself. One that it cannot must not be continued. */
  const undoAll = (): void => {
    try {
      if (db.inTransaction) rollback.run()
    } catch (error) {
      broken = codeOf(error)
    }
  }

  /**
   * After a failed commit the content of the log is unknown until it is opened again, and one that is damaged must not be
   * written to. After other errors the next append tries again.
   */
  const noteFailure = (error: unknown): AppendFailure | null => {
    const failure = failureOf(error, isCommitting)
    if (failure?.tag === 'OutcomeUnknown' || isDamage(error)) broken = codeOf(error)
    return failure
  }

  const together = (jobs: readonly Job[], each: (job: Job) => () => void): readonly (() => void)[] => {
    isCommitting = false
    begin.run()
    try {
      const settlers = jobs.map(each)
      isCommitting = true
      commit.run()
      return settlers
    } catch (error) {
      undoAll()
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
      const failure = noteFailure(error)
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
        : Promise.resolve(left(unwritable(`writing stopped after ${broken}: restart the server`))),
    /** Writes and syncs what changes nothing: whether appends would be stored now. */
    probe: (): boolean => {
      if (broken !== null) return false
      try {
        isCommitting = false
        begin.run()
        db.pragma(`user_version = ${String(db.pragma('user_version', { simple: true }))}`)
        isCommitting = true
        commit.run()
        return true
      } catch (error) {
        undoAll()
        noteFailure(error)
        return false
      }
    },
    /** Commits the waiting appends at once. */
    flush: (): void => {
      if (waiting.length > 0) flush()
    },
  }
}
