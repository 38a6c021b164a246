import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import { claimsOf, principalOf } from './claims.ts'
import type { Identity, TokenRefused } from './identity.ts'
import type { Keyring } from './keyring.ts'
import { readToken, signToken, type TokenKind } from './own-tokens.ts'
import { cacheTokens } from './token-cache.ts'

/** Sign-in without a provider. Any user of this machine can sign in as anyone, so the server then listens on loopback only. */
export interface DemoIdentity extends Identity {
  /** A token for this person that expires after `ttlSeconds`, at most `longestDemoSeconds`. */
  readonly issue: (principal: Principal, ttlSeconds: number) => Promise<string>
}

const kind: TokenKind = { typ: 'JWT', purpose: 'demo-tokens' }

/** 90 days, as long as a key is kept after it was replaced. */
export const longestDemoSeconds = 90 * 24 * 3_600

const badClaims = (): TokenRefused => ({ reason: 'claims' })

/** Signs and verifies tokens with these keys, so that two processes with one key file accept each other's. */
export const demoIdentity = (keys: Keyring, clock: Clock): DemoIdentity => ({
  issue: (principal, ttlSeconds) =>
    signToken(
      keys,
      clock,
      kind,
      { ...claimsOf(principal), sub: principal.id, jti: randomUUID() },
      clock.now() + ttlSeconds * 1_000,
    ),
  authenticate: cacheTokens(clock, async (token) =>
    pipe(
      await readToken(keys, clock, kind, token),
      E.flatMap(({ payload, expiresAt, hasKey }) =>
        pipe(
          principalOf(payload),
          E.bimap(badClaims, (value) => ({ value, until: expiresAt, hasKey })),
        ),
      ),
    ),
  ),
})
