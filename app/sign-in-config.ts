import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { messageOf } from '../adapters/errors.ts'
import { decodeJson } from '../adapters/http/json.ts'
import type { ProviderSettings } from '../adapters/identity/oidc/connection.ts'
import { roleMappingOf, type RoleMapping } from '../adapters/identity/role-mapping.ts'
import { isLoopback } from '../adapters/loopback.ts'
import type { Failure } from './failures.ts'

/** What the settings of the sign-in must be together. Each of them alone is checked where it is read. */

const refuse = (variable: string, problem: string): E.Either<Failure, never> =>
  E.left({ code: 'InvalidConfiguration', variable, problem })

/** The settings that belong to the sign-in, as `config.ts` reads them. */
export interface SignInSettings {
  readonly host: string
  readonly publicUrl: string | undefined
  readonly trustedProxies: unknown
  readonly oidcIssuer: string | undefined
  readonly oidcClientId: string | undefined
  readonly oidcClientSecret: string | undefined
  readonly oidcAudience: string | undefined
  readonly oidcScopes: string
  readonly roles: RoleMapping | undefined
}

/** The role mapping of a file. A Left is a predicate. */
export const readRoles = (file: string): E.Either<string, RoleMapping> =>
  pipe(
    E.tryCatch(() => readFileSync(file), messageOf),
    E.flatMap((bytes) =>
      pipe(
        decodeJson(bytes),
        E.mapLeft((refused) => (refused.tag === 'Malformed' ? refused.why : refused.error.message)),
      ),
    ),
    E.flatMap(roleMappingOf),
    E.mapLeft((problem) => `"${file}" cannot be used: ${problem}`),
  )

/** What demo sign-in forbids: it is for one machine, on which whoever reaches the server can be anybody. */
export const checkDemo = ({ host, publicUrl, trustedProxies }: SignInSettings): E.Either<Failure, unknown> => {
  if (!isLoopback(host)) return refuse('HOST', `demo sign-in is for loopback only, and this is "${host}"`)
  if (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname)) {
    return refuse('LEDGERDESK_PUBLIC_URL', `demo sign-in is for loopback only, and this is "${publicUrl}"`)
  }
  return trustedProxies === undefined
    ? E.right(undefined)
    : refuse('LEDGERDESK_TRUST_PROXY', 'demo sign-in answers no proxy: leave it unset')
}

/** What sign-in at a provider needs. */
export const providerOf = (
  config: SignInSettings,
): E.Either<Failure, { readonly settings: ProviderSettings; readonly roles: RoleMapping }> => {
  const { publicUrl, oidcIssuer: issuer, oidcClientId: clientId, roles } = config
  const missing = 'must be set for LEDGERDESK_AUTH=oidc'
  if (publicUrl === undefined)
    return refuse('LEDGERDESK_PUBLIC_URL', `${missing}: the provider sends browsers back to it`)
  if (issuer === undefined) return refuse('LEDGERDESK_OIDC_ISSUER', missing)
  if (clientId === undefined) return refuse('LEDGERDESK_OIDC_CLIENT_ID', missing)
  if (roles === undefined) return refuse('LEDGERDESK_ROLES', `${missing}: nobody would have a role`)
  const { oidcClientSecret, oidcAudience, oidcScopes: scopes } = config
  return E.right({
    settings: {
      issuer,
      clientId,
      clientSecret: oidcClientSecret ?? null,
      audience: oidcAudience ?? null,
      scopes,
      publicUrl,
    },
    roles,
  })
}
