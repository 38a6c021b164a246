import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { Role } from '../../domain/actor.ts'
import { decode, externalText } from '../../domain/codec.ts'
import { ExternalAccountId, type AccountId } from '../../domain/ids.ts'

/**
 * Who is what: rules over the claims of a provider (docs/operations/sign-in.md). A rule matches where its claim has its
 * value, or is a list with it.
 */
const Rule = t.intersection([
  t.type({ claim: externalText, value: externalText, role: Role }),
  t.partial({ account: ExternalAccountId }),
])
type Rule = t.TypeOf<typeof Rule>

const MappingFile = t.type({ rules: t.array(Rule), contact: externalText })
export type RoleMapping = t.TypeOf<typeof MappingFile>

/** A role, and the account of a customer or of a service that is bound to one. */
export interface Mapped {
  readonly role: Role
  readonly account: AccountId | undefined
}

export type Unmapped = 'no-rule' | 'contradiction'

/** Claims that people can edit at most providers: whoever could choose their value could choose their role. */
const editable = new Set([
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'email',
  'email_verified',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'phone_number',
  'phone_number_verified',
  'address',
  'updated_at',
])

/** Claims about the token, not about its bearer. */
const technical = new Set('iss aud exp iat nbf jti nonce auth_time at_hash c_hash sid typ'.split(' '))

const problemOf = ({ claim, role, account }: Rule): string | null => {
  if (editable.has(claim)) return `uses the claim "${claim}", which people can edit at most providers`
  if (technical.has(claim)) return `uses the claim "${claim}", which says nothing of a person`
  if (role === 'customer' && account === undefined) return 'has no account, which a customer needs'
  if (account !== undefined && role !== 'customer' && role !== 'service') {
    return `has an account, which the role ${role} cannot have`
  }
  return account?.startsWith('@') === true ? 'has an account that starts with @' : null
}

/**
 * The mapping of a file's JSON. A Left says what is wrong: a file that cannot be right must not be used. A mistyped member is
 * wrong too: with `acount` a service would see all accounts.
 */
export const roleMappingOf = (json: unknown): E.Either<string, RoleMapping> =>
  pipe(
    json,
    decode(MappingFile),
    E.mapLeft((errors) => errors.map(({ path, message }) => `${path} ${message}`).join('; ')),
    E.filterOrElse(
      ({ rules }) => rules.length > 0,
      () => 'has no rules: nobody could sign in',
    ),
    E.flatMap((mapping) => {
      for (const [n, rule] of mapping.rules.entries()) {
        const problem = problemOf(rule)
        if (problem !== null) return E.left(`rule ${n + 1} ${problem}`)
        const before = mapping.rules.findIndex(({ claim, value }) => claim === rule.claim && value === rule.value)
        if (before < n) return E.left(`rules ${before + 1} and ${n + 1} are about the same claim and value`)
      }
      return E.right(mapping)
    }),
  )

const has = (claims: Readonly<Record<string, unknown>>, { claim, value }: Rule): boolean => {
  const actual = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  return Array.isArray(actual) ? actual.some((each) => each === value) : actual === value
}

/** What the rules say of these claims: one role and account, or why none. */
export const mapRole = (
  { rules }: RoleMapping,
  claims: Readonly<Record<string, unknown>>,
): E.Either<Unmapped, Mapped> => {
  const [first, ...others] = rules.filter((rule) => has(claims, rule))
  if (first === undefined) return E.left('no-rule')
  return others.every(({ role, account }) => role === first.role && account === first.account)
    ? E.right({ role: first.role, account: first.account })
    : E.left('contradiction')
}
