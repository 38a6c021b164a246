import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Identity, TokenRefused } from './identity.ts'

/** A token's bearer, and until when the token holds, in ms since 1970. */
export interface Verified {
  readonly principal: Principal
  readonly expiresAt: number
}

/** So many tokens are remembered; beyond, all are verified once more. */
const capacity = 10_000

/**
 * Verifies each token once and believes it until its own end: a signature costs more than all the rest of a small
 * request. Refused tokens are not remembered, so guessing fills nothing.
 */
export const rememberTokens = (
  clock: Clock,
  verify: (token: string) => Promise<Either<TokenRefused, Verified>>,
): Identity['authenticate'] => {
  const known = new Map<string, Verified>()
  return async (token) => {
    const before = known.get(token)
    if (before !== undefined) {
      if (clock.now() < before.expiresAt) return right(before.principal)
      known.delete(token)
      return left({ reason: 'expired' })
    }
    const verified = await verify(token)
    if (verified._tag === 'Left') return verified
    if (known.size >= capacity) known.clear()
    known.set(token, verified.right)
    return right(verified.right.principal)
  }
}
