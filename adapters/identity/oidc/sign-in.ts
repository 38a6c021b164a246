import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as client from 'openid-client'
import type { Principal } from '../../../domain/actor.ts'
import { principalOf } from '../claims.ts'
import { mapRole, type RoleMapping, type Unmapped } from '../role-mapping.ts'
import { isAway, type ProviderConnection, type ProviderSettings } from './connection.ts'
import { verifyProviderToken } from './provider-token.ts'

/** What has to be remembered between the request to the provider and its answer. */
export interface Transaction {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** The path to open after it. */
  readonly returnTo: string
}

/** Why nobody was signed in. `reason` is for the log; it has no names and no tokens. */
export type SignInRefused =
  | { readonly tag: 'Away'; readonly reason: string }
  | { readonly tag: 'Failed'; readonly reason: string }
  /** The person, or the provider for them, declined. */
  | { readonly tag: 'Declined'; readonly reason: string }
  /** The provider knows them, and this server has no role for them. `contact` is whom to ask. */
  | { readonly tag: 'NoRole'; readonly reason: RoleRefusal; readonly contact: string }

/** Why somebody whom the provider knows has no role here. */
export type RoleRefusal = Unmapped | 'unverified-mail' | 'service' | `claims: ${string}`

export interface SignedInAtProvider {
  readonly principal: Principal
  /** The provider's id of its session; null where it names none. */
  readonly providerSession: string | null
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'an unknown failure'
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`
}

/** A failure on the way to the provider, or in what it said. */
const failureOf = (error: unknown): SignInRefused => {
  if (isAway(error)) return { tag: 'Away', reason: messageOf(error) }
  if (error instanceof client.AuthorizationResponseError) return { tag: 'Declined', reason: error.error }
  return { tag: 'Failed', reason: messageOf(error) }
}

const redirectUri = ({ publicUrl }: ProviderSettings): string => `${publicUrl}/auth/callback`

/** Where to send the browser, and what to remember meanwhile. */
export const beginSignIn = async (
  settings: ProviderSettings,
  connect: () => Promise<ProviderConnection>,
  returnTo: string,
): Promise<E.Either<SignInRefused, { readonly url: string; readonly transaction: Transaction }>> => {
  try {
    const { config } = await connect()
    const transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
    }
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri(settings),
      scope: settings.scopes,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: 'S256',
    })
    return E.right({ url: url.href, transaction })
  } catch (error) {
    return E.left(failureOf(error))
  }
}

type Claims = Readonly<Record<string, unknown>>

/** The claims of the ID token, and beside them those that the provider gives at its userinfo endpoint alone. */
const claimsAfterGrant = async (
  settings: ProviderSettings,
  connection: ProviderConnection,
  search: string,
  { state, nonce, verifier }: Transaction,
  now: number,
): Promise<Claims> => {
  const { config } = connection
  const tokens = await client.authorizationCodeGrant(config, new URL(`${redirectUri(settings)}?${search}`), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const { issuer, clientId: audience } = settings
  const claims = await verifyProviderToken(
    connection,
    tokens.id_token ?? '',
    { issuer, audience, claims: ['sub', 'iat', 'exp', 'nonce'] },
    now,
  )
  if (config.serverMetadata().userinfo_endpoint === undefined) return claims
  return { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub ?? '')), ...claims }
}

const first = (...texts: readonly unknown[]): unknown => texts.find((text) => typeof text === 'string' && text !== '')

/** The person of these claims, in the role that the mapping gives. */
const personOf = (mapping: RoleMapping, claims: Claims): E.Either<SignInRefused, Principal> => {
  const refuse = (reason: RoleRefusal): SignInRefused => ({ tag: 'NoRole', reason, contact: mapping.contact })
  if (claims['email_verified'] === false) return E.left(refuse('unverified-mail'))
  return pipe(
    mapRole(mapping, claims),
    E.mapLeft(refuse),
    E.filterOrElse(
      ({ role }) => role !== 'service',
      () => refuse('service'),
    ),
    E.flatMap(({ role, account }) =>
      pipe(
        principalOf({
          sub: claims['sub'],
          name: first(claims['name'], claims['preferred_username'], claims['sub']),
          email: claims['email'],
          role,
          ...(account === undefined ? {} : { account }),
        }),
        E.mapLeft((names) => refuse(`claims: ${names}`)),
      ),
    ),
  )
}

/** Exchanges the provider's answer for the person. `search` is the query of the callback's address. */
export const finishSignIn = async (
  settings: ProviderSettings,
  connect: () => Promise<ProviderConnection>,
  mapping: RoleMapping,
  transaction: Transaction,
  search: string,
  now: number,
): Promise<E.Either<SignInRefused, SignedInAtProvider>> => {
  try {
    const claims = await claimsAfterGrant(settings, await connect(), search, transaction, now)
    const { sid } = claims
    return pipe(
      personOf(mapping, claims),
      E.map((principal) => ({ principal, providerSession: typeof sid === 'string' && sid !== '' ? sid : null })),
    )
  } catch (error) {
    return E.left(failureOf(error))
  }
}
