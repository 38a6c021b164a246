import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Identity, TokenRefused } from './identity.ts'

/** A token's bearer, and when the token expires, in ms since 1970. */
export interface Verified {
  readonly principal: Principal
  readonly expiresAt: number
}

/** The most tokens that are cached; beyond it all are forgotten and verified again. */
const capacity = 10_000

/**
 * Verifies each token once and caches the result until the token expires: a signature costs more than the rest of a small
 * request. Refused tokens are not cached, so that guessing cannot fill the cache.
 */
export const cacheTokens = (
  clock: Clock,
  verify: (token: string) => Promise<E.Either<TokenRefused, Verified>>,
): Identity['authenticate'] => {
  const known = new Map<string, Verified>()
  return async (token) => {
    const before = known.get(token)
    if (before !== undefined) {
      if (clock.now() < before.expiresAt) return E.right(before.principal)
      known.delete(token)
      return E.left({ reason: 'expired' })
    }
    return pipe(
      await verify(token),
      E.map((verified) => {
        if (known.size >= capacity) known.clear()
        known.set(token, verified)
        return verified.principal
      }),
    )
  }
}
