import { randomUUID } from 'node:crypto'
import { left, right } from 'fp-ts/lib/Either.js'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import { claimsOf, principalOf } from './claims.ts'
import type { Identity } from './identity.ts'
import { rememberTokens } from './remember.ts'

/** Sign-in without a provider: whoever can read the data folder can be anybody, so it serves loopback only. */
export interface DemoIdentity extends Identity {
  /** A token for this person, for so many seconds. */
  readonly issue: (principal: Principal, ttlSeconds: number) => Promise<string>
}

const issuer = 'ledgerdesk-demo'
const audience = 'ledgerdesk'
const algorithm = 'HS256'

/** The demo sign-in, whose tokens this key signs (`signingKey`): two processes with one key agree. */
export const demoIdentity = (key: Uint8Array, clock: Clock): DemoIdentity => {
  const seconds = (): number => Math.floor(clock.now() / 1_000)
  return {
    issue: (principal, ttlSeconds) =>
      new SignJWT(claimsOf(principal))
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(principal.id)
        .setIssuer(issuer)
        .setAudience(audience)
        // Two tokens of one second are two, so that one can be ended alone.
        .setJti(randomUUID())
        .setIssuedAt(seconds())
        .setExpirationTime(seconds() + ttlSeconds)
        .sign(key),
    authenticate: rememberTokens(clock, async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer,
          audience,
          algorithms: [algorithm],
          typ: 'JWT',
          requiredClaims: ['sub', 'exp', 'iat'],
          currentDate: new Date(clock.now()),
        })
        const principal = principalOf(payload)
        if (principal._tag === 'Left') return left({ reason: 'claims' })
        return right({ principal: principal.right, expiresAt: (payload.exp ?? 0) * 1_000 })
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error
        return left({ reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' })
      }
    }),
  }
}
