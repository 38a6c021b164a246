import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { actorOf, Role, type Principal } from '../../domain/actor.ts'
import { email, externalText } from '../../domain/codec.ts'
import { ExternalAccountId, ExternalPersonId } from '../../domain/ids.ts'

/** The claims about a token's bearer (docs/api.md, Roles). Claims about the token itself, such as `exp`, come with them. */
const Claims = t.intersection([
  t.type({ sub: ExternalPersonId, name: externalText, email, role: Role }),
  t.partial({ account: ExternalAccountId }),
])

const namesOf = (errors: t.Errors): string => {
  const names = errors.map(({ context }) => context.findLast(({ key }) => /^[a-z]+$/.test(key))?.key ?? 'all')
  return [...new Set(names)].join(', ')
}

const withAccount = ({
  sub: id,
  name,
  email: mail,
  role,
  account,
}: t.TypeOf<typeof Claims>): E.Either<string, Principal> => {
  const person = { id, name, email: mail }
  switch (role) {
    case 'customer':
    case 'support':
      return pipe(
        actorOf({ ...person, role, account }),
        E.mapLeft(() => 'account'),
      )
    case 'service':
      return E.right(account === undefined ? { ...person, role } : { ...person, role, account })
    case 'auditor':
    case 'analyst':
      return account === undefined ? E.right({ ...person, role }) : E.left('account')
  }
}

/**
 * The principal of a token's claims: a customer has an account, a service may have one, the other roles have none. The
 * Left names the claims that are wrong, never their values.
 */
export const principalOf = (claims: unknown): E.Either<string, Principal> =>
  pipe(Claims.decode(claims), E.mapLeft(namesOf), E.flatMap(withAccount))

/** The claims of a principal, the inverse of `principalOf`. */
export const claimsOf = (principal: Principal): Readonly<Record<string, string>> => ({
  name: principal.name,
  email: principal.email,
  role: principal.role,
  ...('account' in principal && principal.account !== undefined ? { account: principal.account } : {}),
})
