import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mapRole, roleMappingOf, type RoleMapping } from '../../../adapters/identity/role-mapping.ts'

const test = suite('the role mapping')

const acme = { claim: 'groups', value: 'acme-users', role: 'customer', account: 'acme' }
const support = { claim: 'groups', value: 'desk-support', role: 'support' }
const contact = 'the service desk'

const mapping = (...rules: readonly object[]): RoleMapping => {
  const read = roleMappingOf({ rules, contact })
  if (isLeft(read)) throw new Error(read.left)
  return read.right
}

test('gives the role of the rule whose value a claim has, or a list has as a member', () => {
  const read = mapping(acme, support, { claim: 'client_id', value: 'billing', role: 'service' })
  const roleOf = (claims: Record<string, unknown>) => {
    const mapped = mapRole(read, claims)
    return isRight(mapped) ? `${mapped.right.role} ${mapped.right.account ?? '-'}` : mapped.left
  }
  assert.is(roleOf({ groups: ['other', 'acme-users'] }), 'customer acme')
  assert.is(roleOf({ groups: 'acme-users' }), 'customer acme')
  assert.is(roleOf({ groups: ['desk-support'] }), 'support -')
  assert.is(roleOf({ client_id: 'billing' }), 'service -')
  for (const claims of [
    {},
    { groups: [] },
    { groups: 'acme-users,desk-support' },
    { groups: ['ACME-USERS'] },
    { groups: [['acme-users']] },
    { groups: { 'acme-users': true } },
    { groups: null },
    { other: ['acme-users'] },
  ]) {
    assert.is(roleOf(claims), 'no-rule', JSON.stringify(claims))
  }
})

test('gives no role where rules contradict each other', () => {
  const also = { claim: 'tenant', value: 'acme', role: 'customer', account: 'acme' }
  const other = { claim: 'tenant', value: 'globex', role: 'customer', account: 'globex' }
  const read = mapping(acme, support, also, other)
  assert.ok(isRight(mapRole(read, { groups: ['acme-users'], tenant: 'acme' })), 'two rules that say the same')
  for (const claims of [
    { groups: ['acme-users', 'desk-support'] },
    { groups: ['acme-users'], tenant: 'globex' },
    { groups: ['desk-support'], tenant: 'acme' },
  ]) {
    assert.equal(mapRole(read, claims), { _tag: 'Left', left: 'contradiction' })
  }
})

test('of a file that cannot be right is refused, with what is wrong', () => {
  const refused = (json: unknown): string => {
    const read = roleMappingOf(json)
    return isLeft(read) ? read.left : ''
  }
  const one = (rule: object): string => refused({ rules: [rule], contact })
  assert.match(refused([]), /\S/)
  assert.match(refused({ rules: [acme] }), 'contact')
  assert.match(refused({ rules: [acme], contact: '' }), 'contact')
  assert.match(refused({ rules: [], contact }), 'no rules')
  assert.match(refused({ rules: [acme], contact, more: 1 }), 'more is not a field here')
  assert.match(one({ ...acme, acount: 'acme' }), 'rules.0.acount is not a field here')
  assert.match(one({ ...acme, account: undefined }), 'no account')
  assert.match(one({ ...acme, account: '@team' }), 'starts with @')
  assert.match(one({ ...support, account: 'acme' }), 'role support cannot have')
  assert.match(one({ ...support, role: 'root' }), 'role')
  assert.match(one({ ...support, value: 5 }), 'value')
  for (const claim of ['email', 'name', 'preferred_username', 'phone_number', 'zoneinfo']) {
    assert.match(one({ ...support, claim }), 'people can edit', claim)
  }
  for (const claim of ['iss', 'aud', 'exp', 'nonce'])
    assert.match(one({ ...support, claim }), 'nothing of a person', claim)
  assert.match(
    refused({ rules: [acme, support, { ...acme, role: 'support', account: undefined }], contact }),
    'rules 1 and 3',
  )
})

test.run()
