import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { ExternalPersonId, type PersonId } from '../../../domain/ids.ts'
import { isAway, type ProviderConnection, type ProviderSettings } from './connection.ts'
import { verifyProviderToken } from './provider-token.ts'

/** Whose session at the provider ended: one of them, or all of a person. */
export type ProviderLogout = { readonly providerSession: string } | { readonly person: PersonId }

const event = 'http://schemas.openid.net/event/backchannel-logout'

const Claims = t.intersection([
  t.type({ events: t.type({ [event]: t.UnknownRecord }) }),
  t.partial({ sub: ExternalPersonId, sid: t.string, nonce: t.unknown }),
])

const logoutOf = ({ sub, sid, nonce }: t.TypeOf<typeof Claims>): ProviderLogout | null => {
  // An ID token has a nonce, and must not end a session (OpenID Connect Back-Channel Logout 1.0, section 2.4).
  if (nonce !== undefined) return null
  if (sid !== undefined && sid !== '') return { providerSession: sid }
  return sub === undefined ? null : { person: sub }
}

/** What a logout token of the provider ends; null where it is none. */
export const readLogoutToken = async (
  { issuer, clientId }: ProviderSettings,
  connect: () => Promise<ProviderConnection>,
  token: string,
  now: number,
): Promise<E.Either<'unreachable', ProviderLogout | null>> => {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return E.right(null)
  try {
    const payload = await verifyProviderToken(
      await connect(),
      token,
      { issuer, audience: clientId, typ: 'logout+jwt', claims: ['iat', 'exp', 'jti'] },
      now,
    )
    return E.right(
      pipe(
        Claims.decode(payload),
        E.match(() => null, logoutOf),
      ),
    )
  } catch (error) {
    return isAway(error) ? E.left('unreachable') : E.right(null)
  }
}
