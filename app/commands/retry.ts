import * as TE from 'fp-ts/lib/TaskEither.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Refusal } from '../../domain/refusal.ts'

/** Somebody else appended to the stream after it was loaded: load again and decide again. */
export interface Conflict {
  readonly tag: 'Conflict'
}

/** The most decisions on one command; after them it is refused as `Busy`. */
const attempts = 12
const longestWaitMs = 100

interface RetryPorts {
  /** A number in [0, 1). */
  readonly random: () => number
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  readonly observe?: (what: 'conflict') => void
}

const isConflict = (failure: unknown): failure is Conflict =>
  typeof failure === 'object' && failure !== null && 'tag' in failure && failure.tag === 'Conflict'

/**
 * Tries again as long as others append first, with jitter between attempts so that a crowd on one stream spreads out.
 * After the last attempt the answer is `Busy`: nothing was stored.
 */
export const retryOnConflict =
  ({ random, wait, observe }: RetryPorts) =>
  <L, A>(attempt: TE.TaskEither<L | Conflict, A>): TE.TaskEither<L | Refusal, A> => {
    const tryNth = (n: number): TE.TaskEither<L | Refusal, A> =>
      pipe(
        attempt,
        TE.orElse((failure): TE.TaskEither<L | Refusal, A> => {
          if (!isConflict(failure)) return TE.left(failure)
          observe?.('conflict')
          if (n + 1 === attempts) return TE.left({ tag: 'Busy' })
          return pipe(
            TE.fromTask(() => wait(random() * Math.min(longestWaitMs, 2 ** n))),
            TE.flatMap(() => tryNth(n + 1)),
          )
        }),
      )
    return tryNth(0)
  }
