import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { urlOf } from '../../../adapters/http/listening-url.ts'
import { accessTokens } from '../../../adapters/identity/oidc/access-token.ts'
import { connectTo, type ProviderSettings } from '../../../adapters/identity/oidc/connection.ts'
import { readLogoutToken } from '../../../adapters/identity/oidc/logout-token.ts'

/** A provider that has metadata and keys alone, so that a test can sign anything with them. */
const startKeys = async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }]
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const issuer = urlOf(server, '127.0.0.1')
    response.setHeader('Content-Type', 'application/json')
    response.end(
      JSON.stringify(
        request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'] },
      ),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    issuer: urlOf(server, '127.0.0.1'),
    asked,
    privateKey,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Context {
  keys: Awaited<ReturnType<typeof startKeys>>
  settings: ProviderSettings
}

const test = suite<Context>('tokens of the provider')
test.before(async (context) => {
  context.keys = await startKeys()
  context.settings = {
    issuer: context.keys.issuer,
    clientId: 'ledgerdesk',
    clientSecret: null,
    audience: 'desk',
    scopes: 'openid',
    publicUrl: 'https://desk.example',
  }
})
test.after(({ keys }) => keys.close())

const now = (): number => Math.floor(Date.now() / 1_000)

const signed = ({ keys }: Context, typ: string | undefined, claims: object, header: object = {}): Promise<string> =>
  new SignJWT({ iss: keys.issuer, iat: now(), exp: now() + 120, jti: 'j', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', ...(typ === undefined ? {} : { typ }), ...header })
    .sign(keys.privateKey)

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }

test('a logout token ends sessions only where all of it is right', async (context) => {
  const connect = connectTo(context.settings, Date.now)
  const read = async (claims: object, typ: string | undefined = 'logout+jwt') =>
    readLogoutToken(
      context.settings,
      connect,
      await signed(context, typ, { aud: 'ledgerdesk', events, ...claims }),
      Date.now(),
    )
  assert.equal(await read({ sub: 'ann' }), { _tag: 'Right', right: { person: 'ann' } })
  assert.equal(await read({ sub: 'ann', sid: 's' }), { _tag: 'Right', right: { providerSession: 's' } })
  assert.equal(await read({ sid: 's', aud: ['other', 'ledgerdesk'] }), {
    _tag: 'Right',
    right: { providerSession: 's' },
  })
  for (const claims of [
    {},
    { sub: '' },
    { sub: 'ann', nonce: 'n' },
    { sub: 'ann', events: undefined },
    { sub: 'ann', events: {} },
    { sub: 'ann', events: { 'http://schemas.openid.net/event/backchannel-logout': true } },
    { sub: 'ann', aud: 'other' },
    { sub: 'ann', iss: 'https://evil.example' },
    { sub: 'ann', exp: now() - 31 },
    { sub: 'ann', exp: undefined },
    { sub: 'ann', iat: undefined },
    { sub: 'ann', jti: undefined },
  ]) {
    assert.equal(await read(claims), { _tag: 'Right', right: null }, JSON.stringify(claims))
  }
  for (const typ of ['JWT', 'at+jwt', undefined]) {
    assert.equal(
      await readLogoutToken(
        context.settings,
        connect,
        await signed(context, typ, { aud: 'ledgerdesk', events, sub: 'ann' }),
        Date.now(),
      ),
      { _tag: 'Right', right: null },
    )
  }
})

test('an access token needs its type, audience, issuer, time and claims, and the role of a service', async (context) => {
  const mapping = {
    rules: [
      { claim: 'client_id', value: 'billing', role: 'service' as const },
      { claim: 'client_id', value: 'person', role: 'support' as const },
    ],
    contact: 'us',
  }
  const tokens = accessTokens(context.settings, connectTo(context.settings, Date.now), mapping, { now: Date.now })
  const good = { aud: 'desk', sub: 'b', client_id: 'billing' }
  const outcomeOf = async (claims: object, typ = 'at+jwt', header: object = {}) => {
    const outcome = await tokens.authenticate(await signed(context, typ, { ...good, ...claims }, header))
    return outcome._tag === 'Right' ? outcome.right.role : outcome.left.reason
  }
  assert.is(await outcomeOf({}), 'service')
  assert.is(await outcomeOf({}, 'application/at+jwt'), 'service')
  assert.is(await outcomeOf({ exp: now() - 20 }), 'service', 'within the skew')
  assert.is(await outcomeOf({ exp: now() - 35 }), 'expired')
  assert.is(await outcomeOf({ client_id: 'person' }), 'claims', 'people sign in by the browser')
  assert.is(await outcomeOf({ client_id: 'other' }), 'claims')
  assert.is(await outcomeOf({ sub: '' }), 'claims')
  for (const claims of [
    { aud: 'ledgerdesk' },
    { aud: undefined },
    { iss: `${context.keys.issuer}/` },
    { nbf: now() + 60 },
    { sub: undefined },
    { client_id: undefined },
    { jti: undefined },
    { exp: undefined },
  ]) {
    assert.is(await outcomeOf(claims), 'invalid', JSON.stringify(claims))
  }
  assert.is(await outcomeOf({}, 'JWT'), 'invalid')
  assert.is(await outcomeOf({}, 'at+jwt', { kid: 'two' }), 'invalid')
})

test('unknown keys are looked up a bounded number of times', async (context) => {
  const connect = connectTo(context.settings, Date.now)
  const before = context.keys.asked.length
  for (let n = 0; n < 20; n++) {
    const token = await signed(
      context,
      'logout+jwt',
      { aud: 'ledgerdesk', events, sub: 'ann' },
      { kid: `unknown-${n}` },
    )
    assert.equal(await readLogoutToken(context.settings, connect, token, Date.now()), { _tag: 'Right', right: null })
  }
  const asked = context.keys.asked.slice(before)
  assert.is(asked.filter((path) => path !== '/jwks').length, 1, 'one discovery')
  assert.ok(asked.filter((path) => path === '/jwks').length < 20, `${asked.length} requests`)
})

test.run()
