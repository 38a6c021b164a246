import { jwtVerify, type JWTPayload } from 'jose'
import type { ProviderConnection } from './connection.ts'

/** With a symmetric algorithm whoever knows the client's secret could sign; `none` signs nothing (RFC 8725, section 3.1). */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** By how much the clocks of provider and server may differ, in seconds. */
const skew = 30

export interface Expected {
  readonly issuer: string
  readonly audience: string
  /** The `typ` of the header; left away for ID tokens, which have none of their own. */
  readonly typ?: string
  readonly claims: readonly string[]
}

/**
 * The claims of a token that the provider signed for this audience. Rejects with an error of jose where it did not, or with
 * one that `isAway` recognises.
 */
export const verifyProviderToken = async (
  { keys }: ProviderConnection,
  token: string,
  { issuer, audience, typ, claims }: Expected,
  now: number,
): Promise<JWTPayload> => {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms,
    clockTolerance: skew,
    currentDate: new Date(now),
    requiredClaims: [...claims],
    ...(typ === undefined ? {} : { typ }),
  })
  return payload
}
