import type { StoreFailure } from '../../../domain/event-log/event-store.ts'
import type { StreamName } from '../../../domain/ids.ts'

/** A timer of this adapter ran out. The client has no deadline of its own for reads and for connecting. */
export class DeadlineExceeded extends Error {}

/** Resolves as `answer` does, or rejects with `DeadlineExceeded` after so many ms; a later answer is dropped. */
export const within = async <A>(ms: number, answer: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded()), Math.max(0, ms))
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The client's name of an error. Some errors arrive as gRPC raised them: then it is their code. */
export const errorType = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  if ('type' in error && typeof error.type === 'string') return error.type
  return 'code' in error ? String(error.code) : 'unknown'
}

/** The failure of a call that certainly stored nothing and that would fail again; null for every other error. */
export const permanentFailure = (error: unknown, stream: StreamName): StoreFailure | null => {
  switch (errorType(error)) {
    case 'stream-deleted':
      return { tag: 'DamagedStream', stream }
    case 'access-denied':
      return { tag: 'StoreUnavailable', reason: 'the event store refuses the credentials' }
    case 'maximum-append-size-exceeded':
      return { tag: 'StoreUnavailable', reason: 'the event store takes no append of this size' }
    default:
      return null
  }
}

const firstPauseMs = 25
const longestPauseMs = 400

/**
 * Retries with growing pauses until `attempt` succeeds, fails permanently, or `ms` have passed; the client reconnects by
 * itself, also to a new leader. `attempt` gets the ms that are left. Resolves with its result or with the last error.
 */
export const retryWithin = async <A>(
  ms: number,
  attempt: (remainingMs: number) => Promise<A>,
  isPermanent: (error: unknown) => boolean,
): Promise<{ readonly done: A } | { readonly error: unknown }> => {
  const end = performance.now() + ms
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return { done: await attempt(end - performance.now()) }
    } catch (error) {
      if (isPermanent(error) || performance.now() + pauseMs >= end) return { error }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
