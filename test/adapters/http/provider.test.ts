import { left, right } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Provider } from '../../../adapters/identity/oidc/provider.ts'
import type { SignInRefused } from '../../../adapters/identity/oidc/sign-in.ts'
import { returnPath } from '../../../adapters/http/routes/provider.ts'
import { ann, everybody, startHttp, type HttpTestServer } from '../../support/http-server.ts'

const begun: string[] = []
const outcome: { now: SignInRefused | null } = { now: null }

/** A provider that answers `outcome`, or signs ann in. */
const provider: Provider = {
  authenticate: async () => left({ reason: 'unreachable' }),
  begin: async (path) => {
    begun.push(path)
    return outcome.now === null ? right({ url: 'https://id.example/auth', transaction: 'a.b.c' }) : left(outcome.now)
  },
  finish: async (transaction) =>
    outcome.now === null && transaction === 'a.b.c'
      ? right({ principal: ann, providerSession: 'sid-1', returnTo: '/archive' })
      : left(outcome.now ?? { tag: 'Failed', reason: 'no cookie' }),
  logoutUrl: async () => 'https://id.example/logout',
  readLogoutToken: async (token) =>
    token === 'away'
      ? left('unreachable')
      : right(token === 'sid' ? { providerSession: 'sid-1' } : token === 'sub' ? { person: ann.id } : null),
}

const test = suite<{ http: HttpTestServer; reasons: string[] }>('the addresses of sign-in at a provider')
test.before(async (context) => {
  context.reasons = []
  const onSignInRefused = ({ reason }: SignInRefused) => void context.reasons.push(reason)
  const publicUrl = 'https://desk.example'
  context.http = await startHttp({ provider, onSignInRefused, publicUrl, demoPeople: [] })
})
test.before.each(() => {
  outcome.now = null
})
test.after(({ http }) => http.close())

const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const get = (http: HttpTestServer, path: string, headers: Record<string, string> = {}) =>
  fetch(http.url + path, { redirect: 'manual', headers: { ...browser, ...headers } })

const post = (http: HttpTestServer, path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(http.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })

test('every role and nobody may use them', async ({ http }) => {
  for (const who of [null, ...everybody.map(({ id }) => id)]) {
    const headers = who === null ? {} : http.bearer(who)
    assert.is((await get(http, '/auth/login', headers)).status, 303)
    assert.is(
      (await get(http, '/auth/callback?code=c', { ...headers, Cookie: '__Host-ledgerdesk-sign-in=a.b.c' })).status,
      303,
    )
    assert.is((await post(http, '/auth/backchannel-logout', 'logout_token=sid', headers)).status, 200)
    assert.is((await post(http, '/auth/logout', '', { ...headers, 'Sec-Fetch-Site': 'same-origin' })).status, 200)
  }
})

test('a sign-in begins at the provider, and ends with a new session and no other cookie', async ({ http }) => {
  const login = await get(http, '/auth/login?return=/archive')
  assert.is(login.headers.get('location'), 'https://id.example/auth')
  assert.is(login.headers.get('cache-control'), 'no-store')
  assert.equal(login.headers.getSetCookie(), [
    '__Host-ledgerdesk-sign-in=a.b.c; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure',
  ])
  assert.is(begun.at(-1), '/archive')
  const back = await get(http, '/auth/callback?code=c', { Cookie: '__Host-ledgerdesk-sign-in=a.b.c' })
  assert.is(back.headers.get('location'), '/archive')
  const [gone = '', session = '', ...more] = back.headers.getSetCookie()
  assert.match(gone, /^__Host-ledgerdesk-sign-in=; .*Max-Age=0; Secure$/)
  assert.match(
    session,
    /^__Host-ledgerdesk=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800; Secure$/,
  )
  assert.equal(more, [])
  const signedIn = { Cookie: session.split(';', 1).join() }
  assert.is((await get(http, '/v1/me', { ...signedIn, Accept: 'application/json' })).status, 200)
  const out = await post(http, '/auth/logout', '', { ...signedIn, 'Sec-Fetch-Site': 'same-origin' })
  assert.equal(await out.json(), { status: 'ok', next: 'https://id.example/logout' })
  const again = await post(http, '/auth/logout', '', { ...signedIn, 'Sec-Fetch-Site': 'same-origin' })
  assert.equal(await again.json(), { status: 'ok', next: null }, 'nobody was signed in')
})

test('each refusal is a page with its status, and its reason goes to the log alone', async ({ http, reasons }) => {
  for (const [refused, status, text] of [
    [{ tag: 'Away', reason: 'secret-1' }, 503, 'cannot be reached'],
    [{ tag: 'Failed', reason: 'secret-2' }, 400, 'sign in again'],
    [{ tag: 'Declined', reason: 'secret-3' }, 403, 'did not finish'],
    [
      { tag: 'NoRole', reason: 'unverified-mail', contact: '<b>us</b>' },
      403,
      'not verified there. Ask: &lt;b&gt;us&lt;/b&gt;',
    ],
    [{ tag: 'NoRole', reason: 'service', contact: 'us' }, 403, 'account of a service'],
    [{ tag: 'NoRole', reason: 'claims: email', contact: 'us' }, 403, 'claims: email'],
  ] as const) {
    outcome.now = refused
    for (const path of ['/auth/login', '/auth/callback']) {
      const response = await get(http, path)
      assert.is(response.status, status, path)
      assert.match(response.headers.get('content-type') ?? '', 'text/html')
      const page = await response.text()
      assert.match(page, text)
      assert.not.match(page, 'secret')
      assert.equal(response.headers.getSetCookie(), [])
    }
    assert.is(reasons.at(-1), refused.reason)
  }
})

test('only paths of the pages are returned to', () => {
  for (const path of ['/', '/tickets', '/tickets/T-AAAAAAAA?version=2', '/archive?q=a%20b', '/authors']) {
    assert.is(returnPath(path), path)
  }
  for (const path of [
    '',
    'tickets',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/..//evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/auth/login',
    '/auth',
    '/x/../auth/logout',
    '/v1/me',
    `/${'x'.repeat(2_000)}`,
  ]) {
    assert.is(returnPath(path), '/', path)
  }
})

test('a logout token ends what it names, recorded as done by the provider', async ({ http }) => {
  assert.is((await post(http, '/auth/backchannel-logout', 'logout_token=sid')).status, 200)
  assert.equal(http.ended.at(-1), { providerSession: 'sid-1' })
  assert.is((await post(http, '/auth/backchannel-logout', 'logout_token=sub')).status, 200)
  assert.equal(Object.keys(http.ended.at(-1) ?? {}), ['person', 'before'])
  const before = http.ended.length
  for (const [body, status] of [
    ['logout_token=other', 400],
    ['logout_token=sid&logout_token=sid', 400],
    ['', 400],
    ['logout_token=away', 503],
  ] as const) {
    assert.is((await post(http, '/auth/backchannel-logout', body)).status, status, body)
  }
  assert.is(http.ended.length, before)
  http.state.signOut = left({ tag: 'NotReady', reason: 'the log cannot be reached' })
  assert.is(
    (await post(http, '/auth/backchannel-logout', 'logout_token=sid')).status,
    503,
    'so the provider tries again',
  )
})

test('a person who signs in too often reads so on a page', async () => {
  const http = await startHttp({ provider, rateLimits: { perCaller: 10, perAddress: 1 } })
  assert.is((await get(http, '/auth/login')).status, 303)
  const refused = await get(http, '/auth/login')
  assert.is(refused.status, 429)
  assert.match(refused.headers.get('content-type') ?? '', 'text/html')
  assert.match(await refused.text(), /<h1>Too many requests<\/h1>\s*<p>Try again in \d+ s/)
  assert.is((await get(http, '/')).status, 200, 'the pages themselves are there')
  await http.close()
})

test.run()
