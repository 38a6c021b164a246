import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trustedProxiesOf, type Forwarding } from '../../../adapters/http/forwarding.ts'
import { serveMetrics } from '../../../adapters/http/metrics-server.ts'
import { startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { rawRequest } from '../../support/raw-request.ts'

const test = suite('hosts and proxies')

const limits = { perCaller: 1_000, perAddress: 2 }

const trusted = (text: string): Forwarding => {
  const read = trustedProxiesOf(text)
  if (isLeft(read)) throw new Error(read.left)
  return read.right
}

/** A failed attempt that came through proxies which named these addresses. */
const guess = async (http: HttpTestServer, forwardedFor: string): Promise<number> =>
  (await http.get('/v1/me', null, { Authorization: 'Bearer guess', 'X-Forwarded-For': forwardedFor })).status

test('only the names of this server are answered, so that no other name can pass for it', async () => {
  const http = await startHttp({ publicUrl: 'https://desk.example' })
  const { port } = new URL(http.url)
  const statusFor = async (host: string, path = '/v1/me') =>
    (await rawRequest(http.url + path, { ...http.bearer('ann'), Host: host })).status
  for (const host of [
    'desk.example',
    'DESK.example',
    'desk.example:443',
    `127.0.0.1:${port}`,
    'localhost',
    '[::1]:1',
  ]) {
    assert.is(await statusFor(host), 200, host)
  }
  for (const host of [
    'evil.example',
    'desk.example.evil.example',
    'desk.example:444',
    'desk.example@evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'evil.example/desk.example',
    'desk.example,evil.example',
  ]) {
    assert.is(await statusFor(host), 421, host)
    assert.is(await statusFor(host, '/'), 421, `${host} at a page`)
    assert.is(await statusFor(host, '/healthz'), 200, `${host} at a probe`)
    assert.is(await statusFor(host, '/readyz'), 200, `${host} at a probe`)
  }
  await http.close()
})

test('a page of another name that resolves to this server cannot sign in', async () => {
  const http = await startHttp()
  const sent = { Host: 'rebound.example', Origin: 'http://rebound.example', 'Content-Type': 'application/json' }
  const answer = await rawRequest(`${http.url}/v1/session`, sent, { method: 'POST', body: '{"person":"sue"}' })
  assert.is(answer.status, 421)
  assert.is(answer.headers['set-cookie'], undefined)
  assert.match(answer.text, '/problems/misdirected')
  await http.close()
})

test('demo mode answers nothing that came through a proxy, but for the probes', async () => {
  const http = await startHttp({ forwarding: { tag: 'refused' } })
  for (const name of ['Forwarded', 'Via', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-IP']) {
    assert.is((await http.get('/v1/me', 'ann', { [name]: '127.0.0.1' })).status, 421, name)
    assert.is((await http.get('/metrics', null, { [name]: '127.0.0.1' })).status, 421, name)
    assert.is((await http.get('/readyz', null, { [name]: '127.0.0.1' })).status, 200, name)
  }
  assert.is((await http.get('/v1/me', 'ann')).status, 200)
  await http.close()
})

test('without named proxies, forwarding headers mean nothing', async () => {
  const http = await startHttp({ rateLimits: limits })
  assert.equal([await guess(http, '203.0.113.1'), await guess(http, '203.0.113.2')], [401, 401])
  assert.is(await guess(http, '203.0.113.3'), 429)
  assert.match(http.lines.at(-1) ?? '', '"address":"127.0.0.1"')
  await http.close()
})

for (const proxies of ['127.0.0.1', 'loopback, 10.0.0.0/8', '1']) {
  test(`behind the proxies ${proxies}, clients are told apart by what the last of them says`, async () => {
    const http = await startHttp({ rateLimits: limits, forwarding: trusted(proxies) })
    assert.equal([await guess(http, '203.0.113.1'), await guess(http, '203.0.113.1')], [401, 401])
    assert.is(await guess(http, '203.0.113.1'), 429)
    assert.match(http.lines.at(-1) ?? '', '"address":"203.0.113.1"')
    assert.is(await guess(http, '203.0.113.2'), 401)
    // What a client writes into the header itself stands before what the proxy adds.
    assert.is(await guess(http, '203.0.113.9, 203.0.113.1'), 429)
    // A proxy that names no address stands for its clients.
    assert.equal([await guess(http, 'unknown'), await guess(http, 'unknown'), await guess(http, 'x')], [401, 401, 429])
    assert.is((await http.get('/v1/me', 'ann', { 'X-Forwarded-For': '203.0.113.1' })).status, 200)
    await http.close()
  })
}

test('the proxies are a number, addresses or ranges', () => {
  for (const text of ['1', '10', '10.0.0.1', '10.0.0.0/8,fd00::/8', 'loopback', '::1']) {
    assert.ok(isRight(trustedProxiesOf(text)), text)
  }
  for (const text of ['0', '11', '-1', 'true', 'proxy.example', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.1,', ',']) {
    assert.ok(isLeft(trustedProxiesOf(text)), text)
  }
})

test('sign-ins count by address like failed attempts, and the API answers the next with a problem', async () => {
  const http = await startHttp({ rateLimits: { perCaller: 1, perAddress: 2 } })
  assert.is(await guess(http, ''), 401)
  assert.is((await http.post('/v1/session', null, { person: 'ann' })).status, 200)
  const refused = await http.post('/v1/session', null, { person: 'ann' }, { Accept: 'text/html,*/*;q=0.8' })
  assert.is(refused.status, 429)
  assert.is(refused.headers.get('Content-Type'), 'application/problem+json')
  assert.match(refused.headers.get('Retry-After') ?? '', /^[1-9]\d*$/)
  await http.close()
})

test('the metrics have an address of their own, which shows nothing else', async () => {
  const http = await startHttp({ publicMetrics: null })
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 }, http.ports.metrics, () => undefined)
  const shown = await fetch(`${metrics.url}/metrics`)
  assert.is(shown.status, 200)
  assert.match(await shown.text(), /ledgerdesk_state\{state="ready"\} 1/)
  for (const path of ['/', '/v1/me', '/metrics/x', '/healthz']) {
    assert.is((await fetch(metrics.url + path)).status, 404, path)
  }
  assert.is((await fetch(`${metrics.url}/metrics`, { method: 'POST' })).status, 404)
  await metrics.close()
  await http.close()
})

test.run()
