import type { Either } from 'fp-ts/lib/Either.js'
import type { Principal } from '../../domain/actor.ts'

/** Why a token is not taken. It says nothing of the token itself, so it may be logged and shown. */
export interface TokenRefused {
  readonly reason: 'expired' | 'invalid' | 'claims'
}

/** Who a bearer token belongs to. Implemented for the demo here; an OpenID provider fits the same shape. */
export interface Identity {
  readonly authenticate: (token: string) => Promise<Either<TokenRefused, Principal>>
}
