import * as E from 'fp-ts/lib/Either.js'
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Clock } from '../../domain/clock.ts'
import type { TokenRefused } from './identity.ts'
import type { Keyring, Purpose } from './keyring.ts'

/** The tokens that this server signs for itself. Each kind has a `typ` and is taken for no other (RFC 8725, section 3.11). */
export interface TokenKind {
  readonly typ: string
  readonly purpose: Purpose
}

/** What was read from a token, and whether its key is still accepted. */
export interface ReadToken {
  readonly payload: JWTPayload
  /** In ms since 1970. */
  readonly expiresAt: number
  readonly hasKey: () => boolean
}

const issuer = 'ledgerdesk'
const algorithm = 'HS256'

/** Signs claims until `expiresAt`, in ms since 1970. */
export const signToken = (
  keys: Keyring,
  clock: Clock,
  { typ, purpose }: TokenKind,
  claims: JWTPayload,
  expiresAt: number,
): Promise<string> => {
  const { kid, secret } = keys.current(purpose)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ, kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setIssuedAt(Math.floor(clock.now() / 1_000))
    .setExpirationTime(Math.floor(expiresAt / 1_000))
    .sign(secret)
}

/** Reads a token of this kind. A token of another kind, key, issuer or algorithm is invalid. */
export const readToken = async (
  keys: Keyring,
  clock: Clock,
  { typ, purpose }: TokenKind,
  token: string,
): Promise<E.Either<TokenRefused, ReadToken>> => {
  let kid = ''
  try {
    const { payload } = await jwtVerify(
      token,
      (header) => {
        kid = header.kid ?? ''
        const key = keys.find(purpose, kid)
        if (key === null) throw new errors.JWKSNoMatchingKey()
        return key.secret
      },
      {
        issuer,
        audience: issuer,
        algorithms: [algorithm],
        typ,
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
        currentDate: new Date(clock.now()),
      },
    )
    return E.right({ payload, expiresAt: (payload.exp ?? 0) * 1_000, hasKey: () => keys.find(purpose, kid) !== null })
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    return E.left({ reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' })
  }
}
