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
    ...(method === 'POST' ? { body: '{"body":"Hello"}' } : {}),
  })

const comments = `/v1/tickets/${acmeTicket}/comments`

session('no script can read the cookie, no other site sends it, and it expires', async ({ http }) => {
  const cookie = await begun(http)
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=28800']) assert.ok(cookie.includes(part), part)
  assert.not(cookie.includes('Secure'))
  const me = await by(http, cookie, '/v1/me')
  assert.match(await me.text(), '"id":"ann"')
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
  assert.is((await by(http, cookie, '/v1/session', 'DELETE', elsewhere)).status, 403)
})

session('signing out ends every copy of the cookie, and its token', async ({ http }) => {
  const cookie = await begun(http)
  const other = await begun(http)
  const out = await by(http, cookie, '/v1/session', 'DELETE', { Origin: http.url })
  assert.is(out.status, 200)
  assert.match(out.headers.get('set-cookie') ?? '', /^ledgerdesk=; .*Max-Age=0/)
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
  const token = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'))
  assert.is((await http.get('/v1/me', null, { Authorization: `Bearer ${token}` })).status, 401)
  assert.is((await by(http, other, '/v1/me')).status, 200)
})

session('a session whose end could not be recorded goes on', async ({ http }) => {
  const cookie = await begun(http)
  http.state.signOut = left({ tag: 'NotReady', reason: 'the log cannot be reached' })
  const out = await by(http, cookie, '/v1/session', 'DELETE', { Origin: http.url })
  assert.is(out.status, 503)
  assert.is(out.headers.get('set-cookie'), null)
  assert.is((await by(http, cookie, '/v1/me')).status, 200)
  http.state.signOut = right({ position: position('2') })
  assert.is((await by(http, cookie, '/v1/session', 'DELETE', { Origin: http.url })).status, 200)
  assert.is((await by(http, cookie, '/v1/me')).status, 401)
})

session('without a valid session, signing out records nothing', async ({ http }) => {
  const before = http.signedOut.size
  for (const cookie of ['', 'ledgerdesk=a.b.c; Path=/']) {
    const out = await by(http, cookie, '/v1/session', 'DELETE', { Origin: http.url })
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
