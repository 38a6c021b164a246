import { left, right } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { acmeTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { position } from '../../support/ids.ts'

const session = suite<{ http: HttpTestServer }>('sessions of the web client')
session.before(async (context) => {
  context.http = await startHttp()
})
session.after(({ http }) => http.close())

const begun = async (http: HttpTestServer): Promise<string> => {
  const response = await http.post('/v1/session', null, { person: 'ann' })
  assert.is(response.status, 200)
  return response.headers.get('set-cookie') ?? ''
}

/** A request of a browser with the cookie. */
const by = (http: HttpTestServer, cookie: string, path: string, method = 'GET', headers: Record<string, string> = {}) =>
  fetch(http.url + path, {
    method,
    headers: { Cookie: cookie.replace(/; Path=.*/, ''), 'Content-Type': 'application/json', ...headers },
    ...(method === 'POST' && path !== '/auth/logout' ? { body: '{"body":"Hello"}' } : {}),
  })

const tokenOf = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'))
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const minute = 60_000

const comments = `/v1/tickets/${acmeTicket}/comments`

session('no script can read the cookie, no other site sends it, and it expires', async ({ http }) => {
  const cookie = await begun(http)
  for (const part of ['HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=1800']) assert.ok(cookie.includes(part), part)
  assert.not(cookie.includes('Secure'))
  const me = await by(http, cookie, '/v1/me')
  assert.match(await me.text(), '"id":"ann"')
})

session('a cookie that cannot be checked while read models catch up is no failed attempt', async () => {
  const http = await startHttp({ rateLimits: { perCaller: 100, perAddress: 2 } })
  try {
    const cookie = await begun(http)
    http.readModelState.ready = false
    for (let n = 0; n < 5; n++) assert.is((await by(http, cookie, '/v1/me')).status, 503, String(n))
    http.readModelState.ready = true
    assert.is((await by(http, cookie, '/v1/me')).status, 200)
  } finally {
    await http.close()
  }
})

session('behind https the cookie is bound to the host and to https', async () => {
  const http = await startHttp({ publicUrl: 'https://desk.example' })
  const cookie = await begun(http)
  assert.match(cookie, /^__Host-ledgerdesk=/)
  assert.match(cookie, /; Secure$/)
  assert.is((await by(http, cookie, '/v1/me')).status, 200)
  await http.close()
})

session('with a session, only the pages of this server can change anything', async ({ http }) => {
  const cookie = await begun(http)
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await by(http, cookie, comments, 'POST', headers)).status
  assert.is(await post({}), 403)
  assert.is(await post({ Origin: 'https://elsewhere.example' }), 403)
  assert.is(await post({ Origin: 'null' }), 403)
  for (const site of ['cross-site', 'same-site', 'none']) {
    assert.is(await post({ 'Sec-Fetch-Site': site, Origin: http.url }), 403, site)
  }
  assert.is(await post({ Origin: http.url }), 201)
  assert.is(await post({ 'Sec-Fetch-Site': 'same-origin' }), 201)
  const elsewhere = { 'Sec-Fetch-Site': 'cross-site' }
  assert.is((await http.post('/v1/session', null, { person: 'ann' }, elsewhere)).status, 403)
  assert.is((await by(http, cookie, '/auth/logout', 'POST', elsewhere)).status, 403)
})

session('signing out ends every copy of the cookie, and its token', async ({ http }) => {
  const cookie = await begun(http)
  const other = await begun(http)
  const out = await by(http, cookie, '/auth/logout', 'POST', { Origin: http.url })
  assert.is(out.status, 200)
  assert.match(out.headers.get('set-cookie') ?? '', /^ledgerdesk=; .*Max-Age=0/)
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
  // base64url has four spellings of a last character that carries two bits, and padding.
  const token = tokenOf(cookie)
  const last = alphabet.indexOf(token.at(-1) ?? '')
  for (const n of [0, 1, 2, 3]) {
    const spelling = `${token.slice(0, -1)}${alphabet.charAt(last - (last % 4) + n)}`
    for (const value of [spelling, `${spelling}=`, `${spelling}==`]) {
      assert.is((await by(http, `ledgerdesk=${value}`, '/v1/me')).status, 401, value.slice(-3))
    }
  }
  assert.is((await by(http, other, '/v1/me')).status, 200)
})

session('a session is no bearer token, and a bearer token no session', async ({ http }) => {
  const cookie = await begun(http)
  assert.is((await http.get('/v1/me', null, { Authorization: `Bearer ${tokenOf(cookie)}` })).status, 401)
  const bearer = http.bearer('ann')['Authorization']?.replace('Bearer ', '')
  assert.is((await by(http, `ledgerdesk=${bearer}`, '/v1/me')).status, 401)
})

session('a session goes on while its person does something, and no longer than eight hours', async () => {
  let now = Date.parse('2026-01-01T08:00:00Z')
  const http = await startHttp({ now: () => now })
  const first = await begun(http)
  const renewed = async (cookie: string, headers: Record<string, string> = {}): Promise<string | null> => {
    const response = await by(http, cookie, '/v1/me', 'GET', headers)
    assert.is(response.status, 200)
    return response.headers.get('set-cookie')
  }
  assert.is(await renewed(first), null, 'the cookie is new')
  now += 20 * minute
  assert.is(await renewed(first, { 'User-Idle': '?1' }), null, 'nobody is there')
  const live = await by(http, first, '/v1/live', 'GET', { Accept: 'text/event-stream' })
  assert.is(live.headers.get('set-cookie'), null, 'a live stream is no person')
  await live.body?.cancel()
  let cookie = (await renewed(first)) ?? ''
  assert.match(cookie, /^ledgerdesk=.*; HttpOnly; SameSite=Lax; Max-Age=1800$/)
  now += 15 * minute
  assert.is((await by(http, first, '/v1/me')).status, 401, 'its own idle end has come')
  for (let n = 0; n < 21; n++) {
    cookie = (await renewed(cookie)) ?? cookie
    now += 20 * minute
  }
  assert.match(cookie, /Max-Age=\d{1,4}$/)
  now += 10 * minute
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
  await http.close()
})

session('signing in again ends the session before', async ({ http }) => {
  const cookie = await begun(http)
  const again = await http.post('/v1/session', null, { person: 'sue' }, { Cookie: cookie.split(';', 1).join() })
  assert.is(again.status, 200)
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
  assert.is((await by(http, again.headers.get('set-cookie') ?? '', '/v1/me')).status, 200)
})

session('all other sessions are ended from one of them, or by a token', async ({ http }) => {
  const cookie = await begun(http)
  const ended = await fetch(`${http.url}/v1/session/end-others`, {
    method: 'POST',
    headers: { Cookie: cookie.split(';', 1).join(), Origin: http.url },
  })
  assert.is(ended.status, 200)
  const named = Object(http.ended.at(-1))
  assert.is(named.person, 'ann')
  assert.ok(Math.abs(Date.parse(named.before) - Date.now()) < minute)
  assert.match(named.except, /^[0-9a-f-]{36}$/)
  assert.is((await http.post('/v1/session/end-others', 'ann', {})).status, 200)
  assert.equal(Object.keys(Object(http.ended.at(-1))), ['person', 'before'])
  const foreign = { Cookie: cookie.split(';', 1).join(), 'Sec-Fetch-Site': 'cross-site' }
  assert.is((await http.post('/v1/session/end-others', null, {}, foreign)).status, 403)
})

session('one cookie name counts for a public URL; one of the other kind means nothing', async ({ http }) => {
  const plain = tokenOf(await begun(http))
  const safe = await startHttp({ publicUrl: 'https://desk.example' })
  const token = tokenOf(await begun(safe))
  const statusOf = async (server: HttpTestServer, cookie: string) => (await by(server, cookie, '/v1/me')).status
  assert.is(await statusOf(safe, `__Host-ledgerdesk=${token}`), 200)
  assert.is(await statusOf(safe, `ledgerdesk=${token}`), 401)
  // After a move to https the old cookie is still sent.
  assert.is(await statusOf(safe, `ledgerdesk=${plain}; __Host-ledgerdesk=${token}`), 200)
  assert.is(await statusOf(http, `__Host-ledgerdesk=${token}; ledgerdesk=${plain}`), 200)
  assert.is(await statusOf(http, `__Host-ledgerdesk=${plain}`), 401)
  assert.is(await statusOf(safe, `__Host-ledgerdesk=${token}; __Host-ledgerdesk=${token}`), 401)
  await safe.close()
})

session('a session whose end could not be recorded goes on', async ({ http }) => {
  const cookie = await begun(http)
  http.state.signOut = left({ tag: 'NotReady', reason: 'the log cannot be reached' })
  const out = await by(http, cookie, '/auth/logout', 'POST', { Origin: http.url })
  assert.is(out.status, 503)
  assert.is(out.headers.get('set-cookie'), null)
  assert.is((await by(http, cookie, '/v1/me')).status, 200)
  http.state.signOut = right({ position: position('2') })
  assert.is((await by(http, cookie, '/auth/logout', 'POST', { Origin: http.url })).status, 200)
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
})

session('without a valid session, signing out records nothing', async ({ http }) => {
  const before = http.signedOut.size
  for (const cookie of ['', 'ledgerdesk=a.b.c; Path=/']) {
    const out = await by(http, cookie, '/auth/logout', 'POST', { Origin: http.url })
    assert.is(out.status, 200)
    assert.match(out.headers.get('set-cookie') ?? '', /Max-Age=0/)
  }
  assert.is(http.signedOut.size, before)
})

session('while the read models are not ready, no session is accepted', async ({ http }) => {
  const cookie = await begun(http)
  http.readModelState.ready = false
  assert.is((await by(http, cookie, '/v1/me')).status, 503)
  assert.is((await by(http, cookie, comments, 'POST', { Origin: http.url })).status, 503)
  assert.is((await http.get('/v1/me', 'ann')).status, 200, 'a token of a service, say')
  http.readModelState.ready = true
  assert.is((await by(http, cookie, '/v1/me')).status, 200)
})

session('only offered people can sign in, and a malformed cookie is no session', async ({ http }) => {
  assert.is((await http.post('/v1/session', null, { person: 'mallory' })).status, 400)
  assert.is((await http.post('/v1/session', null, {})).status, 400)
  const cookie = (await begun(http)).split(';', 1).join()
  for (const bad of ['ledgerdesk=x', 'ledgerdesk=', `${cookie}; ${cookie}`, `${cookie}x`]) {
    assert.is((await by(http, bad, '/v1/me')).status, 401, bad)
  }
  const offered = await (await http.get('/v1/session', null)).text()
  assert.match(offered, '{"id":"ann","name":"Ann Archer","role":"customer","account":"acme"}')
})

session.run()
