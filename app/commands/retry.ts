import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Refusal } from '../../domain/refusal.ts'
import type { PipelinePorts } from './ports.ts'
import type { Outrun } from './append.ts'

/** So many decisions on one command before its caller is told to come back. */
const attempts = 12
const longestWaitMs = 100

/**
 * Decides again as long as others are faster, with jitter between attempts so that a crowd on one ticket spreads out.
 * After the last attempt the answer is Busy: nothing was stored.
 */
export const untilSettled = async <A>(
  ports: Pick<PipelinePorts, 'random' | 'wait'>,
  attempt: () => Promise<Either<Refusal | Outrun, A>>,
): Promise<Either<Refusal, A>> => {
  for (let n = 0; n < attempts; n++) {
    const outcome = await attempt()
    if (outcome._tag === 'Right') return outcome
    const failure = outcome.left
    if (failure.tag !== 'Outrun') return left(failure)
    await ports.wait(ports.random() * Math.min(longestWaitMs, 2 ** n))
  }
  return left({ tag: 'Busy' })
}
