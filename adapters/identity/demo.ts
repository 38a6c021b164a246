import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import { claimsOf, principalOf } from './claims.ts'
import type { Identity } from './identity.ts'
import { cacheTokens } from './token-cache.ts'

/** Sign-in without a provider. Any user of this machine can sign in as anyone, so the server then listens on loopback only. */
export interface DemoIdentity extends Identity {
  /** A token for this person that expires after `ttlSeconds`. */
  readonly issue: (principal: Principal, ttlSeconds: number) => Promise<string>
}

const issuer = 'ledgerdesk-demo'
const audience = 'ledgerdesk'
const algorithm = 'HS256'

/** Signs and verifies tokens with this key (`signingKey`), so that two processes with one key accept each other's. */
export const demoIdentity = (key: Uint8Array, clock: Clock): DemoIdentity => {
  const seconds = (): number => Math.floor(clock.now() / 1_000)
  return {
    issue: (principal, ttlSeconds) =>
      new SignJWT(claimsOf(principal))
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(principal.id)
        .setIssuer(issuer)
        .setAudience(audience)
        // Two tokens issued within one second differ, so that one session can be ended alone.
        .setJti(randomUUID())
        .setIssuedAt(seconds())
        .setExpirationTime(seconds() + ttlSeconds)
        .sign(key),
    authenticate: cacheTokens(clock, async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer,
          audience,
          algorithms: [algorithm],
          typ: 'JWT',
          requiredClaims: ['sub', 'exp', 'iat'],
          currentDate: new Date(clock.now()),
        })
        return pipe(
          principalOf(payload),
          E.bimap(
            () => ({ reason: 'claims' }),
            (principal) => ({ principal, expiresAt: (payload.exp ?? 0) * 1_000 }),
          ),
        )
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error
        return E.left({ reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' })
      }
    }),
  }
}
