import { left, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Position } from '../domain/event-log/envelope.ts'
import { UnreadableLog, type StoreFailure } from '../domain/event-log/event-store.ts'
import type { StreamName, TicketId } from '../domain/ids.ts'

/**
 * Every reason for which a command of the command line or a job ends before its work is done, and which the operator can
 * act on. Commands print it in one line, jobs log it. Everything else is thrown: a bug, or a broken machine.
 */
export type Failure =
  /** The parser of the command line has already printed what is wrong. */
  | { readonly code: 'WrongUsage' }
  /** `problem` is a predicate: "must be …". */
  | { readonly code: 'InvalidArgument'; readonly name: string; readonly problem: string }
  | { readonly code: 'InvalidConfiguration'; readonly variable: string; readonly problem: string }
  | { readonly code: 'NotFound'; readonly what: string; readonly remedy?: string }
  | { readonly code: 'UnopenedLog'; readonly reason: string }
  | { readonly code: 'UnreadableLog'; readonly what: string; readonly reason: string }
  | { readonly code: 'DamagedEvent'; readonly position: Position; readonly reason: string }
  | { readonly code: 'ErasedEvent'; readonly position: Position }
  | { readonly code: 'DifferentTarget'; readonly reason: string }
  | { readonly code: 'RefusedAppend'; readonly stream: StreamName; readonly version: number; readonly reason: string }
  | { readonly code: 'UnusableImport'; readonly reason: string; readonly remedy?: string }
  | { readonly code: 'FailedVerification'; readonly firstBad: Position | null; readonly reason: string | null }
  | { readonly code: 'ShorterLog' }
  | { readonly code: 'ProofsOfAnotherLog'; readonly common: number }
  | { readonly code: 'EmptyLog'; readonly folder: string; readonly signed: number }
  | { readonly code: 'UnsealedLog'; readonly reason: string }
  | { readonly code: 'SealedElsewhere'; readonly to: string }
  | { readonly code: 'SealedTarget'; readonly to: string }
  | { readonly code: 'EventsAfterSeal'; readonly events: readonly string[]; readonly count: number }
  | { readonly code: 'UnusableProofs'; readonly reason: string }
  | { readonly code: 'UnprovedTicket'; readonly ticket: TicketId; readonly reason: string | null }
  | { readonly code: 'DamagedFiles'; readonly damaged: number; readonly files: number }
  | { readonly code: 'DamagedOutbox'; readonly reason: string }
  | { readonly code: 'RefusedRebuild'; readonly reason: string }
  | { readonly code: 'DifferentReadModels'; readonly names: readonly string[] }
  | { readonly code: 'ReadModelsOfAnotherLog'; readonly file: string }
  | { readonly code: 'FailedProjection'; readonly reason: string }
  | { readonly code: 'UnusableAddress'; readonly reason: string; readonly remedy: string }
  | { readonly code: 'UnusableKeys'; readonly reason: string }
  | { readonly code: 'UnusableData'; readonly reason: string; readonly remedy: string }

interface Explanation {
  readonly cause: string
  /** What the operator can do; null where the cause is enough. */
  readonly remedy: string | null
}

const explain = (cause: string, remedy?: string | null): Explanation => ({ cause, remedy: remedy ?? null })

const explanationOf = (failure: Failure): Explanation => {
  switch (failure.code) {
    case 'WrongUsage':
      return explain('the command line is not understood', 'add --help for the commands and options')
    case 'InvalidArgument':
      return explain(`${failure.name} ${failure.problem}`)
    case 'InvalidConfiguration':
      return explain(`${failure.variable}: ${failure.problem}`)
    case 'NotFound':
      return explain(`there is no ${failure.what}`, failure.remedy)
    case 'UnopenedLog':
      return explain(failure.reason)
    case 'UnreadableLog':
      return explain(`${failure.what} cannot be read: ${failure.reason}`)
    case 'DamagedEvent':
      return explain(`the event at position ${failure.position} ${failure.reason}`, 'run ledgerdesk verify')
    case 'ErasedEvent':
      return explain(`the event at position ${failure.position} is erased, which cannot be copied yet`)
    case 'DifferentTarget':
      return explain(`the target is no copy: ${failure.reason}`, 'copy to an empty log')
    case 'RefusedAppend':
      return explain(
        `the target refused ${failure.stream} at version ${failure.version}: ${failure.reason}`,
        'run the same command again to continue',
      )
    case 'UnusableImport':
      return explain(failure.reason, failure.remedy)
    case 'FailedVerification':
      return explain(
        failure.firstBad === null ? `${failure.reason}` : `position ${failure.firstBad}: ${failure.reason}`,
      )
    case 'ShorterLog':
      return explain('the log holds fewer events than were signed', 'run ledgerdesk verify')
    case 'ProofsOfAnotherLog':
      return explain(
        `proofs.db is of another history, which has ${failure.common} events in common with the log`,
        'run ledgerdesk verify; ledgerdesk proofs --aside begins a new proofs.db',
      )
    case 'EmptyLog':
      return explain(
        `the log is empty, and ${failure.signed} events were signed of it in ${failure.folder}/proofs.db`,
        `set LEDGERDESK_EVENT_STORE if the log is elsewhere; put a backup back with ledgerdesk copy --from sqlite:BACKUP --to sqlite:${failure.folder}; or begin a new log with LEDGERDESK_DATA=${failure.folder} ledgerdesk proofs --aside`,
      )
    case 'UnsealedLog':
      return explain(`the log could not be sealed: ${failure.reason}`, 'run the same command again')
    case 'SealedElsewhere':
      return explain(`the log is sealed already, and goes on at ${failure.to}`, 'copy it there, or leave out --seal')
    case 'SealedTarget':
      return explain(`the target is sealed, and goes on at ${failure.to}`, 'copy to another log')
    case 'EventsAfterSeal':
      return explain(
        `${failure.count} events came after the seal and were not copied: ${failure.events.join(', ')}`,
        'stop all servers of the sealed log, and issue these commands again on the new one',
      )
    case 'UnusableProofs':
      return explain(`proofs.db cannot be used: ${failure.reason}`)
    case 'UnprovedTicket':
      return explain(`${failure.ticket} cannot be proved: ${failure.reason}`, 'run ledgerdesk verify')
    case 'DamagedFiles':
      return explain(`${failure.damaged} of ${failure.files} attached files are missing or altered`)
    case 'DamagedOutbox':
      return explain(failure.reason)
    case 'RefusedRebuild':
      return explain(failure.reason)
    case 'DifferentReadModels':
      return explain(`${failure.names.join(', ')}: not what the log says`, 'run ledgerdesk rebuild')
    case 'ReadModelsOfAnotherLog':
      return explain(`${failure.file} was made from another log`, 'run ledgerdesk serve, which makes it anew')
    case 'FailedProjection':
      return explain(failure.reason)
    case 'UnusableKeys':
      return explain(failure.reason)
    case 'UnusableAddress':
    case 'UnusableData':
      return explain(failure.reason, failure.remedy)
  }
}

/** One line for a person. */
export const failureText = (failure: Failure): string => {
  const { cause, remedy } = explanationOf(failure)
  return remedy === null ? cause : `${cause}; ${remedy}`
}

/** The fields of a job's log line. */
export const logFieldsOf = (failure: Failure): object => ({ code: failure.code, ...explanationOf(failure) })

/** 1 failed, 2 wrong usage. */
export const exitStatusOf = ({ code }: Failure): 1 | 2 => (code === 'WrongUsage' ? 2 : 1)

/** Why a store failed, in a few words. */
export const storeReasonOf = (failure: StoreFailure): string =>
  'reason' in failure ? `${failure.tag}, ${failure.reason}` : failure.tag

/** Carries a failure out of a generator, which has no other way to fail. `attempt` turns it into a value again. */
export class Failed extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failureText(failure))
    this.failure = failure
  }
}

/** Runs work that reads the log or generators: what they throw as `UnreadableLog` or `Failed` becomes a Left. */
export const attempt =
  <A>(work: () => Promise<Either<Failure, A>>): TaskEither<Failure, A> =>
  async () => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Failed) return left(error.failure)
      if (error instanceof UnreadableLog)
        return left({ code: 'UnreadableLog', what: 'the log', reason: storeReasonOf(error.failure) })
      throw error
    }
  }
