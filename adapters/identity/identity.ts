import type { Either } from 'fp-ts/lib/Either.js'
import type { Principal } from '../../domain/actor.ts'

/** Why a token is refused. It holds nothing of the token, so it may be logged and shown. */
export interface TokenRefused {
  readonly reason: 'expired' | 'invalid' | 'claims' | 'unreachable'
}

/** Authenticates bearer tokens: those of demo mode, or a provider's. */
export interface Identity {
  readonly authenticate: (token: string) => Promise<Either<TokenRefused, Principal>>
}
