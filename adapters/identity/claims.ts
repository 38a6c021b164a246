import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Role } from '../../domain/actor.ts'
import { email, label } from '../../domain/codec.ts'
import type { Principal } from '../../domain/actor.ts'

/** What a token says of its bearer (contract, section 3). Claims of the token itself, such as `exp`, stand beside. */
const Claims = t.intersection([t.type({ sub: label, name: label, email, role: Role }), t.partial({ account: label })])

/**
 * A principal from a token's claims, strictly: a customer has an account, a service may have one, nobody else has.
 * The Left says which claim is wrong, never what it held.
 */
export const principalOf = (claims: unknown): Either<string, Principal> => {
  const decoded = Claims.decode(claims)
  if (decoded._tag === 'Left') {
    const wrong = decoded.left.map(({ context }) => context.findLast(({ key }) => /^[a-z]+$/.test(key))?.key ?? 'all')
    return left([...new Set(wrong)].join(', '))
  }
  const { sub: id, name, email: mail, role, account } = decoded.right
  const person = { id, name, email: mail }
  switch (role) {
    case 'customer':
      return account === undefined ? left('account') : right({ ...person, role, account })
    case 'service':
      return right(account === undefined ? { ...person, role } : { ...person, role, account })
    default:
      return account === undefined ? right({ ...person, role }) : left('account')
  }
}

/** The claims of a principal: what `principalOf` reads back. */
export const claimsOf = (principal: Principal): Readonly<Record<string, string>> => ({
  name: principal.name,
  email: principal.email,
  role: principal.role,
  ...('account' in principal && principal.account !== undefined ? { account: principal.account } : {}),
})
