import type { StoreFailure } from '../../../domain/event-log/event-store.ts'

/** Our own timer ran out: reads and connecting have no deadline of the client's. */
export class TooLate extends Error {}

/** The answer, or `TooLate` after so many ms; what comes after that is nobody's. */
export const within = async <A>(ms: number, answer: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate()), Math.max(0, ms))
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The client's name of an error; some reach us as gRPC made them, with a number alone. */
export const kindOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  if ('type' in error && typeof error.type === 'string') return error.type
  return 'code' in error ? String(error.code) : 'unknown'
}

/** What an error says for sure, of a read or an append alike: nothing was stored, and another try is of no use. */
export const certainFailure = (error: unknown, stream: string): StoreFailure | null => {
  switch (kindOf(error)) {
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
 * Tries until it works or the time is up, with growing pauses; the client reconnects by itself, to the new leader too.
 * `attempt` is told how many ms it has. Answers what it gave, or the last error as `left`.
 */
export const untilDone = async <A>(
  ms: number,
  attempt: (left: number) => Promise<A>,
  isFinal: (error: unknown) => boolean,
): Promise<{ readonly done: A } | { readonly error: unknown }> => {
  const end = performance.now() + ms
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return { done: await attempt(end - performance.now()) }
    } catch (error) {
      if (isFinal(error) || performance.now() + pauseMs >= end) return { error }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
