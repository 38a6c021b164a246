import { isRight, type Either } from 'fp-ts/lib/Either.js'
import { SignJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rotateKeys } from '../../../adapters/identity/keyring.ts'
import { createSessions, type Session, type Sessions } from '../../../adapters/identity/sessions.ts'
import type { Principal } from '../../../domain/actor.ts'
import { demoIdentityIn, keysIn } from '../../support/demo.ts'
import { accountId, personId } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ann: Principal = {
  id: personId('ann'),
  name: 'Ann Archer',
  email: 'ann@acme.example',
  role: 'customer',
  account: accountId('acme'),
}

const minute = 60_000
const hour = 60 * minute

interface Context {
  folder: ReturnType<typeof temporaryFolder>
  now: number
  sessions: Sessions
}

const test = suite<Context>('session tokens')
test.before.each((context) => {
  context.folder = temporaryFolder()
  context.now = Date.parse('2026-01-01T08:00:00Z')
  const clock = { now: () => context.now }
  context.sessions = createSessions(keysIn(context.folder.path, clock), clock)
})
test.after.each(({ folder }) => folder.remove())

const opened = (read: Either<unknown, Session>): Session => {
  if (!isRight(read)) throw new Error('this token was refused')
  return read.right
}

test('carry their person, and a new random id at each sign-in', async ({ sessions, now }) => {
  const one = opened(await sessions.read((await sessions.begin(ann, 'sid-1')).token))
  const two = opened(await sessions.read((await sessions.begin(ann, null)).token))
  assert.equal(one.principal, ann)
  assert.is(one.providerSession, 'sid-1')
  assert.is(one.beganAt, now)
  assert.is(two.providerSession, null)
  assert.is.not(one.id, two.id)
  assert.match(one.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
})

test('end half an hour after the last renewal, and eight hours after the sign-in', async (context) => {
  const { sessions } = context
  const begin = context.now
  let { token, seconds } = await sessions.begin(ann, null)
  const { id } = opened(await sessions.read(token))
  assert.is(seconds, 30 * 60)
  const unused = token
  while (context.now < begin + 8 * hour - 20 * minute) {
    context.now += 20 * minute
    const session = opened(await sessions.read(token))
    assert.is(session.id, id)
    assert.is(session.beganAt, begin)
    const next = await sessions.renew(session)
    if (next === null) break
    ;({ token, seconds } = next)
    assert.ok(seconds <= 30 * 60)
  }
  assert.is((await sessions.read(unused))._tag, 'Left')
  context.now = begin + 8 * hour - 1_000
  const last = opened(await sessions.read(token))
  assert.is(await sessions.renew(last), null, 'the absolute end does not move')
  context.now = begin + 8 * hour
  assert.equal(await sessions.read(token), { _tag: 'Left', left: { reason: 'expired' } })
})

test('are not replaced at every request', async (context) => {
  const session = opened(await context.sessions.read((await context.sessions.begin(ann, null)).token))
  context.now += 59_000
  assert.is(await context.sessions.renew(session), null)
  context.now += 2_000
  assert.ok(await context.sessions.renew(session))
})

test('are taken for no other token, and no other token for them', async (context) => {
  const clock = { now: () => context.now }
  const keys = keysIn(context.folder.path, clock)
  const { token } = await context.sessions.begin(ann, null)
  const demo = demoIdentityIn(context.folder.path, clock)
  assert.is((await demo.authenticate(token))._tag, 'Left')
  assert.is((await context.sessions.read(await demo.issue(ann, 60)))._tag, 'Left')
  const { kid, secret } = keys.current('sessions')
  const seconds = context.now / 1_000
  const signed = (header: object, claims: object = {}) =>
    new SignJWT({
      sub: 'ann',
      name: 'Ann',
      email: 'a@x.example',
      role: 'support',
      iss: 'ledgerdesk',
      aud: 'ledgerdesk',
      jti: 'j',
      began: context.now,
      iat: seconds,
      exp: seconds + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'ledgerdesk-session+jwt', kid, ...header })
      .sign(secret)
  const isRead = async (text: string) => (await context.sessions.read(text))._tag === 'Right'
  assert.ok(await isRead(await signed({})))
  for (const header of [{ typ: 'JWT' }, { typ: undefined }, { alg: 'HS384' }, { kid: 'x' }, { kid: undefined }]) {
    assert.not.ok(await isRead(await signed(header)), JSON.stringify(header))
  }
  for (const claims of [{ began: undefined }, { iss: 'x' }, { aud: 'x' }, { role: 'root' }, { jti: undefined }]) {
    assert.not.ok(await isRead(await signed({}, claims)), JSON.stringify(claims))
  }
})

test('survive a rotation of the keys, and end with a revoked one, also where they were read before', async (context) => {
  const clock = { now: () => context.now }
  const file = `${context.folder.path}/keys.json`
  const { token } = await context.sessions.begin(ann, null)
  opened(await context.sessions.read(token))
  rotateKeys(file, clock, false)
  opened(await context.sessions.read(token))
  rotateKeys(file, clock, true)
  assert.equal(await context.sessions.read(token), { _tag: 'Left', left: { reason: 'invalid' } })
})

test.run()
