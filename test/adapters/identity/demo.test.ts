import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { principalOf } from '../../../adapters/identity/claims.ts'
import { demoPeople, demoPerson } from '../../../adapters/identity/demo-people.ts'
import { demoIdentityIn, keysIn } from '../../support/demo.ts'
import type { Principal } from '../../../domain/actor.ts'
import { personId, accountId } from '../../support/ids.ts'

const demo = suite<{ folder: string }>('the demo sign-in')
demo.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-identity-'))
})
demo.after.each(({ folder }) => rmSync(folder, { recursive: true }))

const at = (time: string) => ({ now: () => Date.parse(time) })
const clock = at('2024-05-01T10:00:00Z')
const robot: Principal = { id: personId('r'), name: 'R', email: 'r@x.example', role: 'service' }

demo('a token holds the person that it was issued for', async ({ folder }) => {
  const identity = demoIdentityIn(folder, clock)
  for (const person of [...demoPeople, robot, { ...robot, account: accountId('acme') }]) {
    const token = await identity.issue(person, 60)
    assert.equal(await identity.authenticate(token), { _tag: 'Right', right: person })
  }
})

demo('it is valid until it expires, and for this data folder only', async ({ folder }) => {
  const token = await demoIdentityIn(folder, clock).issue(robot, 60)
  const refused = (reason: string) => ({ _tag: 'Left', left: { reason } })
  const later = demoIdentityIn(folder, at('2024-05-01T10:01:00Z'))
  assert.equal(await later.authenticate(token), refused('expired'))
  const elsewhere = demoIdentityIn(join(folder, 'other'), clock)
  assert.equal(await elsewhere.authenticate(token), refused('invalid'))
  for (const text of ['', 'x', 'a.b.c', `${token}x`, token.slice(0, -1), '..']) {
    assert.equal(await elsewhere.authenticate(text), refused('invalid'), text)
  }
})

demo('a cached token is valid no longer than another', async ({ folder }) => {
  let now = clock.now()
  const identity = demoIdentityIn(folder, { now: () => now })
  const token = await identity.issue(robot, 60)
  assert.is((await identity.authenticate(token))._tag, 'Right')
  now += 59_999
  assert.equal(await identity.authenticate(token), { _tag: 'Right', right: robot })
  now += 1
  const expired = { _tag: 'Left', left: { reason: 'expired' } }
  assert.equal(await identity.authenticate(token), expired)
  assert.equal(await identity.authenticate(token), expired)
})

demo('another issuer, audience, algorithm or kind, or a missing expiry, is refused', async ({ folder }) => {
  const identity = demoIdentityIn(folder, clock)
  const key = keysIn(folder, clock).current('demo-tokens')
  const now = Math.floor(clock.now() / 1_000)
  const claims = {
    sub: 'r',
    name: 'R',
    email: 'r@x.example',
    role: 'service',
    iss: 'ledgerdesk',
    aud: 'ledgerdesk',
    jti: 'j',
  }
  const sign = (changed: object, header: object = {}) =>
    new SignJWT({ ...claims, iat: now, exp: now + 60, ...changed })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: key.kid, ...header })
      .sign(key.secret)
  assert.is((await identity.authenticate(await sign({})))._tag, 'Right')
  for (const changed of [
    { iss: 'x' },
    { aud: 'x' },
    { exp: undefined },
    { sub: undefined },
    { jti: undefined },
    { nbf: now + 30 },
  ]) {
    assert.is((await identity.authenticate(await sign(changed)))._tag, 'Left', JSON.stringify(changed))
  }
  for (const header of [
    { alg: 'HS512' },
    { typ: 'at+jwt' },
    { typ: undefined },
    { kid: 'other' },
    { kid: undefined },
  ]) {
    assert.is((await identity.authenticate(await sign({}, header)))._tag, 'Left', JSON.stringify(header))
  }
  assert.equal(await identity.authenticate(await sign({ role: 'admin' })), { _tag: 'Left', left: { reason: 'claims' } })
})

demo('claims are read strictly', () => {
  const claims = { sub: 'a', name: 'A', email: 'a@x.example', role: 'customer', account: 'acme' }
  assert.is(principalOf({ ...claims, exp: 5 })._tag, 'Right')
  const wrong = {
    account: [
      { ...claims, account: undefined },
      { ...claims, account: '' },
      { ...claims, role: 'support' },
      { ...claims, role: 'auditor' },
    ],
    role: [
      { ...claims, role: 'root' },
      { ...claims, role: undefined },
    ],
    email: [
      { ...claims, email: 'a@x.example,b@x.example' },
      { ...claims, email: 'a@x\r\nBcc: b@x' },
    ],
    name: [
      { ...claims, name: 'A\r\nB' },
      { ...claims, name: 5 },
    ],
    sub: [{ ...claims, sub: '' }],
  }
  for (const [claim, cases] of Object.entries(wrong)) {
    for (const each of cases) assert.equal(principalOf(each), { _tag: 'Left', left: claim })
  }
})

demo('the demo people are those of the documentation', () => {
  assert.is(demoPerson('Ann Archer')?.role, 'customer')
  assert.is(demoPerson('Nobody'), undefined)
  assert.is(new Set(demoPeople.map(({ id }) => id)).size, 7)
})

demo.run()
