import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Clock } from '../../domain/clock.ts'
import type { TokenRefused } from './identity.ts'

/** What a token says, until when that is known, in ms since 1970, and whether its key is still accepted. */
export interface Verified<A> {
  readonly value: A
  readonly until: number
  readonly hasKey: () => boolean
}

/** The most tokens that are cached; beyond it all are forgotten and verified again. */
const capacity = 10_000

/**
 * Verifies each token once and caches the result until it expires: a signature costs more than the rest of a small
 * request. Refused tokens are not cached, so that guessing cannot fill the cache.
 */
export const cacheTokens = <A>(
  clock: Clock,
  verify: (token: string) => Promise<E.Either<TokenRefused, Verified<A>>>,
): ((token: string) => Promise<E.Either<TokenRefused, A>>) => {
  const known = new Map<string, Verified<A>>()
  return async (token) => {
    const before = known.get(token)
    if (before !== undefined) {
      if (clock.now() < before.until && before.hasKey()) return E.right(before.value)
      known.delete(token)
    }
    return pipe(
      await verify(token),
      E.map((verified) => {
        if (known.size >= capacity) known.clear()
        known.set(token, verified)
        return verified.value
      }),
    )
  }
}
