import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { errors, type JWTPayload } from 'jose'
import type { Via } from '../../../domain/actor.ts'
import type { Clock } from '../../../domain/clock.ts'
import { ExternalPersonId } from '../../../domain/ids.ts'
import type { Identity, TokenRefused } from '../identity.ts'
import { mapRole, type RoleMapping } from '../role-mapping.ts'
import { cacheTokens, type Verified } from '../token-cache.ts'
import { isAway, type ProviderConnection, type ProviderSettings } from './connection.ts'
import { verifyProviderToken } from './provider-token.ts'

/** So long a verified token is not verified again, in ms: a key that the provider withdraws is noticed after it. */
const cachedMs = 5 * 60_000

const badClaims: TokenRefused = { reason: 'claims' }

const serviceOf = (mapping: RoleMapping, claims: JWTPayload): E.Either<TokenRefused, Via> =>
  pipe(
    E.Do,
    E.bind('id', () =>
      pipe(
        ExternalPersonId.decode(claims.sub),
        E.mapLeft(() => badClaims),
      ),
    ),
    E.bind('mapped', () =>
      pipe(
        mapRole(mapping, claims),
        E.mapLeft(() => badClaims),
      ),
    ),
    // A person's access token is for the provider's other clients: people sign in by the browser.
    E.filterOrElse(
      ({ mapped }) => mapped.role === 'service',
      () => badClaims,
    ),
    E.map(({ id, mapped: { account } }) => ({
      id,
      name: String(claims['client_id']),
      email: '',
      role: 'service' as const,
      ...(account === undefined ? {} : { account }),
    })),
  )

/** Authenticates services by the provider's access tokens (RFC 9068), whose claims the mapping knows. */
export const accessTokens = (
  settings: ProviderSettings,
  connect: () => Promise<ProviderConnection>,
  mapping: RoleMapping,
  clock: Clock,
): Identity => ({
  authenticate: cacheTokens<Via>(clock, async (token): Promise<E.Either<TokenRefused, Verified<Via>>> => {
    const { issuer, audience } = settings
    // Only a JWT is worth a connection to the provider.
    if (audience === null || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return E.left({ reason: 'invalid' })
    try {
      const claims = await verifyProviderToken(
        await connect(),
        token,
        { issuer, audience, typ: 'at+jwt', claims: ['sub', 'client_id', 'iat', 'exp', 'jti'] },
        clock.now(),
      )
      const until = Math.min((claims.exp ?? 0) * 1_000, clock.now() + cachedMs)
      return pipe(
        serviceOf(mapping, claims),
        E.map((value) => ({ value, until, hasKey: () => true })),
      )
    } catch (error) {
      if (error instanceof errors.JWTExpired) return E.left({ reason: 'expired' })
      return E.left({ reason: isAway(error) || !(error instanceof errors.JOSEError) ? 'unreachable' : 'invalid' })
    }
  }),
})
