import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import * as client from 'openid-client'
import type { Clock } from '../../../domain/clock.ts'
import type { Identity } from '../identity.ts'
import type { Keyring } from '../keyring.ts'
import { readToken, signToken, type TokenKind } from '../own-tokens.ts'
import type { RoleMapping } from '../role-mapping.ts'
import { accessTokens } from './access-token.ts'
import { connectTo, type ProviderSettings } from './connection.ts'
import { readLogoutToken, type ProviderLogout } from './logout-token.ts'
import { beginSignIn, finishSignIn, type SignedInAtProvider, type SignInRefused } from './sign-in.ts'

/** Sign-in at an OpenID provider (docs/adr/0035-openid-connect-sign-in-and-sessions.md). */
export interface Provider extends Identity {
  /** Where to send the browser, and a token that it keeps until it comes back. */
  readonly begin: (
    returnTo: string,
  ) => Promise<E.Either<SignInRefused, { readonly url: string; readonly transaction: string }>>
  /** The person whom the provider sends back. `search` is the query of the callback's address. */
  readonly finish: (
    transaction: string | null,
    search: string,
  ) => Promise<E.Either<SignInRefused, SignedInAtProvider & { readonly returnTo: string }>>
  /** Where the browser ends its session at the provider; null where the provider has no such page or is away. */
  readonly logoutUrl: () => Promise<string | null>
  readonly readLogoutToken: (token: string) => Promise<E.Either<'unreachable', ProviderLogout | null>>
}

/** How long a sign-in may take at the provider, in seconds. */
export const transactionSeconds = 10 * 60

const kind: TokenKind = { typ: 'ledgerdesk-sign-in+jwt', purpose: 'sessions' }

const TransactionClaims = t.type({ jti: t.string, nonce: t.string, verifier: t.string, returnTo: t.string })

const noTransaction: SignInRefused = { tag: 'Failed', reason: 'the cookie of this sign-in is missing or too old' }

export const createProvider = (
  settings: ProviderSettings,
  mapping: RoleMapping,
  keys: Keyring,
  clock: Clock,
): Provider => {
  const connect = connectTo(settings, clock.now)
  return {
    ...accessTokens(settings, connect, mapping, clock),
    begin: async (path) => {
      const begun = await beginSignIn(settings, connect, path)
      if (E.isLeft(begun)) return begun
      const { url, transaction } = begun.right
      const { state, nonce, verifier, returnTo } = transaction
      const claims = { sub: 'sign-in', jti: state, nonce, verifier, returnTo }
      return E.right({
        url,
        transaction: await signToken(keys, clock, kind, claims, clock.now() + transactionSeconds * 1_000),
      })
    },
    finish: async (token, search) => {
      const claims = pipe(
        await readToken(keys, clock, kind, token ?? ''),
        E.mapLeft(() => noTransaction),
        E.flatMap(({ payload }) =>
          pipe(
            TransactionClaims.decode(payload),
            E.mapLeft(() => noTransaction),
          ),
        ),
      )
      if (E.isLeft(claims)) return claims
      const { jti: state, ...rest } = claims.right
      return pipe(
        await finishSignIn(settings, connect, mapping, { state, ...rest }, search, clock.now()),
        E.map((signedIn) => ({ ...signedIn, returnTo: rest.returnTo })),
      )
    },
    logoutUrl: async () => {
      try {
        const { config } = await connect()
        if (config.serverMetadata().end_session_endpoint === undefined) return null
        return client.buildEndSessionUrl(config, { post_logout_redirect_uri: `${settings.publicUrl}/` }).href
      } catch {
        return null
      }
    },
    readLogoutToken: (token) => readLogoutToken(settings, connect, token, clock.now()),
  }
}
