import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { audience, clientSecret } from '../../examples/oidc-provider.ts'
import { clientOf } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { listen } from '../support/event-stream.ts'
import { createAgent, startWithProvider, type WithProvider } from '../support/oidc.ts'
import { ledgerdeskIn } from '../support/server.ts'
import { until } from '../support/until.ts'

/** Sign-in at a real provider, in a process apart from the server. */
const signIn = suite<{ all: WithProvider }>('sign-in at a provider')
signIn.before(async (context) => {
  context.all = await startWithProvider()
})
signIn.after(({ all }) => all.close())

type Agent = ReturnType<typeof createAgent>

const meOf = async ({ desk }: WithProvider, agent: Agent): Promise<Record<string, unknown>> => {
  const response = await agent.once(`${desk}/v1/me`, { headers: { Accept: 'application/json' } })
  return { status: response.status, ...JSON.parse(await response.text()) }
}

const logout = (desk: string, agent: Agent): Promise<Response> =>
  agent.once(`${desk}/auth/logout`, { method: 'POST', headers: { Accept: 'application/json', Origin: desk } })

for (const [user, role, account] of [
  ['ann', 'customer', 'acme'],
  ['carla', 'customer', 'globex'],
  ['sue', 'support', null],
  ['ada', 'auditor', null],
] as const) {
  signIn(`${user} is signed in as ${role}, and comes back to her page`, async ({ all }) => {
    const agent = createAgent()
    const end = await agent.signIn(all.desk, user, '/archive?q=a%20b')
    assert.is(end.url, `${all.desk}/archive?q=a%20b`)
    const me = await meOf(all, agent)
    assert.equal([me['status'], me['id'], me['role'], me['account']], [200, user, role, account])
  })
}

for (const [user, text] of [
  ['mallory', 'no rule of this helpdesk gives you a role'],
  ['zoe', 'the rules of this helpdesk contradict each other about you'],
] as const) {
  signIn(`${user} is denied, with a page that says whom to ask`, async ({ all }) => {
    const agent = createAgent()
    const { response } = await agent.signIn(all.desk, user)
    assert.is(response.status, 403)
    assert.match(response.headers.get('content-type') ?? '', 'text/html')
    const page = await response.text()
    assert.match(page, text)
    assert.match(page, 'the service desk, phone 4711')
    assert.is((await meOf(all, agent))['status'], 401)
  })
}

signIn('the request to the provider has PKCE, state, nonce and the one redirect address', async ({ all }) => {
  const response = await createAgent().once(`${all.desk}/auth/login`)
  assert.is(response.status, 303)
  assert.match(response.headers.get('set-cookie') ?? '', /^ledgerdesk-sign-in=.*; HttpOnly; SameSite=Lax; Max-Age=600$/)
  const { origin, searchParams } = new URL(response.headers.get('location') ?? '')
  assert.is(origin, all.issuer)
  assert.is(searchParams.get('redirect_uri'), `${all.desk}/auth/callback`)
  assert.is(searchParams.get('response_type'), 'code')
  assert.is(searchParams.get('code_challenge_method'), 'S256')
  for (const name of ['code_challenge', 'state', 'nonce'])
    assert.match(searchParams.get(name) ?? '', /^[\w-]{43}$/, name)
})

signIn('an answer that does not belong to this browser’s sign-in is refused', async ({ all: { desk } }) => {
  /** Goes through the provider up to the callback, without opening it. */
  const callbackFor = async (agent: Agent): Promise<string> => {
    const login = await agent.open(`${desk}/auth/login`)
    let url = login.url
    let init: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ prompt: 'login', login: 'ann', password: 'any' }).toString(),
    }
    while (!url.startsWith(`${desk}/auth/callback`)) {
      const response = await agent.once(url, init)
      url = new URL(response.headers.get('location') ?? '', url).href
      init = {}
    }
    return url
  }
  const statusOf = async (agent: Agent, url: string) => (await agent.once(url)).status
  const [victim, attacker] = [createAgent(), createAgent()]
  const own = await callbackFor(victim)
  const stolen = await callbackFor(attacker)
  assert.is(await statusOf(createAgent(), own), 400, 'no cookie')
  assert.is(await statusOf(victim, stolen), 400, 'another state and code')
  const mixed = new URL(own)
  mixed.searchParams.set('code', new URL(stolen).searchParams.get('code') ?? '')
  assert.is(await statusOf(victim, mixed.href), 400, 'another code')
  const issuer = new URL(own)
  issuer.searchParams.set('iss', 'https://evil.example')
  assert.is(await statusOf(victim, issuer.href), 400, 'another issuer')
  assert.is(await statusOf(victim, own), 303)
  assert.is(await statusOf(victim, own), 400, 'a second time')
  assert.is(await statusOf(createAgent(), `${desk}/auth/callback?error=access_denied&state=x`), 400)
})

signIn('declining at the provider leads to a page that says so', async ({ all: { desk, issuer } }) => {
  const agent = createAgent()
  const login = await agent.once(`${desk}/auth/login`)
  const state = new URL(login.headers.get('location') ?? '').searchParams.get('state') ?? ''
  const declined = new URLSearchParams({ error: 'access_denied', state, iss: issuer })
  const { response } = await agent.open(`${desk}/auth/callback?${declined}`)
  assert.is(response.status, 403)
  assert.match(await response.text(), 'You did not finish signing in')
})

signIn('nobody is led to another site', async ({ all: { desk } }) => {
  for (const to of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/..//evil.example',
    '/auth/login',
    '',
  ]) {
    assert.is((await createAgent().signIn(desk, 'ann', to)).url, `${desk}/`, to)
  }
})

signIn('signing in again begins a new session and ends the one before', async ({ all }) => {
  const agent = createAgent()
  await agent.signIn(all.desk, 'ann')
  const before = agent.jarOf(all.desk).get('ledgerdesk') ?? ''
  await agent.signIn(all.desk, 'ann')
  const after = agent.jarOf(all.desk).get('ledgerdesk') ?? ''
  assert.is.not(before, after)
  assert.is((await meOf(all, agent))['status'], 200)
  const old = createAgent()
  old.jarOf(all.desk).set('ledgerdesk', before)
  assert.is((await meOf(all, old))['status'], 401)
})

signIn('signing out ends the session here and leads to the end of the one at the provider', async ({ all }) => {
  const agent = createAgent()
  await agent.signIn(all.desk, 'sue')
  const cookie = agent.jarOf(all.desk).get('ledgerdesk') ?? ''
  const { next } = JSON.parse(await (await logout(all.desk, agent)).text())
  const url = new URL(String(next))
  assert.is(url.origin, all.issuer)
  assert.is(url.searchParams.get('post_logout_redirect_uri'), `${all.desk}/`)
  assert.is(url.searchParams.get('client_id'), 'ledgerdesk')
  agent.jarOf(all.desk).set('ledgerdesk', cookie)
  assert.is((await meOf(all, agent))['status'], 401)
  assert.is((await agent.open(url.href)).response.status, 200, 'the provider asks for confirmation')
})

/** Ends the agent's session at the provider, whose page asks first. */
const logoutAtProvider = async ({ issuer }: WithProvider, agent: Agent): Promise<void> => {
  const { response } = await agent.open(`${issuer}/session/end`)
  const xsrf = /name="xsrf" value="(\w+)"/.exec(await response.text())?.[1] ?? ''
  await agent.open(`${issuer}/session/end/confirm`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  })
}

signIn('back-channel logout ends the sessions of that one at the provider, and their streams', async ({ all }) => {
  const [agent, other] = [createAgent(), createAgent()]
  await agent.signIn(all.desk, 'ann')
  await other.signIn(all.desk, 'ann')
  const cookie = `ledgerdesk=${agent.jarOf(all.desk).get('ledgerdesk')}`
  const stream = await listen(all.desk, { Cookie: cookie })
  await stream.until((messages) => messages.length === 1)
  await logoutAtProvider(all, agent)
  await until(async () => (await meOf(all, agent))['status'] === 401)
  assert.is((await meOf(all, other))['status'], 200, 'a session of another browser')
  await stream.ended
})

signIn('a forged logout token ends nothing', async ({ all }) => {
  const agent = createAgent()
  await agent.signIn(all.desk, 'ann')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const forged = await new SignJWT({
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sub: 'ann',
    jti: 'j',
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt' })
    .setIssuer(all.issuer)
    .setAudience('ledgerdesk')
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(privateKey)
  const send = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${all.desk}/auth/backchannel-logout`, { method: 'POST', headers: { 'Content-Type': type }, body })
  for (const body of [
    `logout_token=${forged}`,
    'logout_token=x',
    '',
    `logout_token=${forged}&logout_token=${forged}`,
  ]) {
    assert.is((await send(body)).status, 400, body.slice(0, 30))
  }
  assert.is((await send('{}', 'application/json')).status, 415)
  assert.is((await meOf(all, agent))['status'], 200)
})

const accessToken = async (issuer: string, id: string): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${btoa(`${id}:${encodeURIComponent(clientSecret)}`)}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  const token: { readonly access_token: string } = JSON.parse(await response.text())
  return token.access_token
}

signIn('a service acts with its access token, for its account', async ({ all }) => {
  const billing = clientOf(all.desk, await accessToken(all.issuer, 'billing'))
  const me = await billing.get('/v1/me')
  assert.equal([me.status, me.body['role'], me.body['account'], me.body['id']], [200, 'service', 'acme', 'billing'])
  const onBehalfOf = { id: 'ann', name: 'Ann Archer', email: 'ann@acme.example', role: 'customer', account: 'acme' }
  const ticket = { subject: 'Dark', description: 'No picture', category: 'other' }
  assert.is((await billing.post('/v1/tickets', { ...ticket, onBehalfOf })).status, 201)
  const globex = { ...onBehalfOf, id: 'carla', account: 'globex' }
  assert.is((await billing.post('/v1/tickets', { ...ticket, onBehalfOf: globex })).status, 403)
})

signIn('no other token is taken: unmapped, of demo mode, altered, of another kind or a session', async ({ all }) => {
  const statusOf = async (token: string) => (await clientOf(all.desk, token).get('/v1/me')).status
  assert.is(await statusOf(await accessToken(all.issuer, 'unknown')), 401, 'no rule for it')
  const good = await accessToken(all.issuer, 'billing')
  assert.is(await statusOf(good), 200)
  const [head = '', body = '', signature = ''] = good.split('.')
  assert.is(await statusOf(`${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`), 401)
  const none = btoa(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).replaceAll('=', '')
  assert.is(await statusOf(`${none}.${body}.`), 401)
  assert.is(await statusOf(`${none}.${body}.x`), 401)
  const symmetric = await new SignJWT({ client_id: 'billing' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject('billing')
    .setIssuer(all.issuer)
    .setAudience(audience)
    .setJti('j')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(Buffer.from(clientSecret))
  assert.is(await statusOf(symmetric), 401)
  assert.is(await statusOf(await demoToken(all.data, 'Sue Singh')), 401)
  const agent = createAgent()
  await agent.signIn(all.desk, 'sue')
  assert.is(await statusOf(agent.jarOf(all.desk).get('ledgerdesk') ?? ''), 401)
})

signIn('demo sign-in, demo tokens and metrics do not exist here', async ({ all }) => {
  const demo = await fetch(`${all.desk}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: all.desk },
    body: '{"person":"sue"}',
  })
  assert.is(demo.status, 400)
  assert.equal(JSON.parse(await (await fetch(`${all.desk}/v1/session`)).text()), { provider: true, people: [] })
  assert.is((await fetch(`${all.desk}/metrics`)).status, 404)
  const { code, stderr } = await ledgerdeskIn(
    { ...all.env, LEDGERDESK_DATA: all.data },
    'token',
    '--demo',
    'Ann Archer',
  )
  assert.is(code, 1)
  assert.match(stderr, 'LEDGERDESK_AUTH: must be demo for demo tokens')
})

signIn('a role is checked again at each sign-in, and new keys of the provider are found', async ({ all }) => {
  const agent = createAgent()
  await agent.signIn(all.desk, 'sue')
  await all.stopProvider()
  assert.is((await meOf(all, agent))['status'], 200, 'a session goes on without the provider')
  const away = await createAgent().once(`${all.desk}/auth/login`)
  // What was discovered before is still used: the browser finds out.
  assert.is(away.status, 303)
  await all.restartProvider({ groups: { sue: ['globex-users'] } })
  const again = createAgent()
  await until(async () => (await again.signIn(all.desk, 'sue')).response.status === 200)
  const me = await meOf(all, again)
  assert.equal([me['role'], me['account']], ['customer', 'globex'])
})

signIn('a provider that was never reached: a page says so, and sessions and services are not confused', async () => {
  const apart = await startWithProvider()
  try {
    await apart.stopProvider()
    const { response } = await createAgent().open(`${apart.desk}/auth/login`)
    assert.is(response.status, 503)
    assert.match(await response.text(), 'Your identity provider cannot be reached')
    assert.is((await clientOf(apart.desk, 'a.b.c').get('/v1/me')).status, 503)
    await apart.restartProvider({ algorithm: 'HS256' })
    const symmetric = await createAgent().signIn(apart.desk, 'ann')
    assert.is(symmetric.response.status, 400, 'an ID token that the client secret signs')
    await apart.stopProvider()
    await apart.restartProvider()
    await until(async () => (await createAgent().signIn(apart.desk, 'ann')).response.status === 200)
  } finally {
    await apart.close()
  }
})

signIn.run()
