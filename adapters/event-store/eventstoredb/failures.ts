import { status } from '@grpc/grpc-js'
import type { StoreFailure } from '../../../domain/event-log/event-store.ts'
import type { StreamName } from '../../../domain/ids.ts'
import { messageOf } from '../../errors.ts'

/** A timer of this adapter ran out. The client has no deadline of its own for reads and for connecting. */
export class DeadlineExceeded extends Error {
  readonly type = 'deadline-exceeded'
}

/** What the server answered to an append. `type` is named as the client names its errors. */
export class RefusedAppend extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/**
 * Resolves as `answer` does, or rejects with `DeadlineExceeded` after so many ms, 0 at least; `onLate` is called then. A
 * later answer is dropped.
 */
export const within = async <A>(ms: number, answer: Promise<A>, onLate: () => void = () => undefined): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new DeadlineExceeded())
        onLate()
      },
      Math.max(0, ms),
    )
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The client's names for errors that arrive as gRPC raised them, by their code. */
const typesOfCodes: Readonly<Partial<Record<status, string>>> = {
  [status.CANCELLED]: 'cancelled',
  [status.DEADLINE_EXCEEDED]: 'deadline-exceeded',
  [status.NOT_FOUND]: 'not-found',
  [status.PERMISSION_DENIED]: 'access-denied',
  [status.ABORTED]: 'timeout',
  [status.UNIMPLEMENTED]: 'unsupported',
  [status.UNAVAILABLE]: 'unavailable',
  [status.UNAUTHENTICATED]: 'unauthenticated',
}

const isCode = (code: unknown): code is status => typeof code === 'number' && code in status

/** The server's words for a read from a position that is no record's own, in both directions, filtered or not. */
const readFromNowhere = /Unexpected (?:Filtered)?ReadAllResult: (?:Error|InvalidPosition)/

/**
 * The client's name of an error; some errors arrive as gRPC raised them, and the client calls a refused password and a
 * missing right the same. `unknown-position` and `unauthenticated` are names of this adapter.
 */
export const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  if (readFromNowhere.test(error.message)) return 'unknown-position'
  const named = 'type' in error && typeof error.type === 'string' ? error.type : undefined
  const coded = 'code' in error && isCode(error.code) ? typesOfCodes[error.code] : undefined
  if (coded === 'unauthenticated' || coded === 'unsupported') return coded
  return named ?? coded ?? 'unknown'
}

const unavailable = (reason: string): StoreFailure => ({ tag: 'StoreUnavailable', reason })

/** Stands for all streams where a failure names its stream. */
export const everyStream = '$all' as StreamName

/** A read or subscription from a position that is not one of this log's events. */
export const unknownPosition = unavailable(
  'the event store has no event at this position: it is a position of another log',
)

/**
 * The failure of a call that certainly stored nothing and that would fail again; null for every other error. `stream` is
 * the one that was read or written, or `$all`.
 */
export const permanentFailure = (error: unknown, stream: StreamName): StoreFailure | null => {
  switch (errorType(error)) {
    case 'stream-deleted':
      return { tag: 'DamagedStream', stream }
    case 'unauthenticated':
      return unavailable('the event store refuses the user or the password: check LEDGERDESK_EVENT_STORE')
    case 'access-denied':
      return unavailable(`the event store denies the user access to ${stream}: give it the rights`)
    case 'unknown-position':
      return unknownPosition
    case 'maximum-append-size-exceeded':
      return unavailable('the event store takes no append of this size')
    case 'unsupported':
      return unavailable('the event store is too old: 22.10 or newer is needed')
    default:
      return null
  }
}

/** The failure of a read, or of an append that was not sent, after all retries. */
export const failureOf = (error: unknown, stream: StreamName): StoreFailure =>
  permanentFailure(error, stream) ?? unavailable(reasonOf(error))

const reasonOf = (error: unknown): string => {
  switch (errorType(error)) {
    case 'deadline-exceeded':
    case 'timeout':
      return 'the event store is too slow'
    case 'not-leader':
      return 'the event store is read-only: it has no leader now'
    case 'unknown':
      if (/No leader info/.test(messageOf(error))) return 'the event store is read-only: it has no leader now'
      return `the event store fails: ${messageOf(error)}`
    default:
      // A node whose disk is full ends itself.
      return 'the event store cannot be reached: check that its nodes run and that their disks have room'
  }
}

const firstPauseMs = 25
const longestPauseMs = 400

/**
 * Retries with growing pauses until `attempt` succeeds, fails permanently, or `ms` have passed; the client reconnects by
 * itself, also to a new leader. `attempt` gets the ms that are left, 1 at least. Resolves with its result or with the last
 * error.
 */
export const retryWithin = async <A>(
  ms: number,
  attempt: (remainingMs: number) => Promise<A>,
  isPermanent: (error: unknown) => boolean,
): Promise<{ readonly done: A } | { readonly error: unknown }> => {
  const end = performance.now() + ms
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return { done: await attempt(Math.max(1, end - performance.now())) }
    } catch (error) {
      if (isPermanent(error) || performance.now() + pauseMs >= end) return { error }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
