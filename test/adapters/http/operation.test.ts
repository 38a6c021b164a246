import { once } from 'node:events'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createHttpServer } from '../../../adapters/http/server.ts'
import { acmeTicket, startHttp } from '../../support/http-server.ts'
import { until } from '../../support/until.ts'

const operation = suite('the HTTP server')

operation('a caller beyond the rate limit is refused; others are not', async () => {
  const http = await startHttp({ rateLimits: { perCaller: 3, perAddress: 2 } })
  for (let n = 0; n < 3; n++) {
    const response = await http.get('/v1/me', 'ann')
    assert.is(response.status, 200)
    assert.is(response.headers.get('RateLimit'), `"caller"; r=${2 - n}; t=60`)
    assert.match(response.headers.get('RateLimit-Policy') ?? '', /^"caller"; q=3; w=60; pk=:/)
  }
  const refused = await http.get('/v1/me', 'ann')
  assert.is(refused.status, 429)
  assert.match(refused.headers.get('Retry-After') ?? '', /^[1-9]\d*$/)
  assert.is(((await refused.json()) as { type: string }).type, '/problems/rate-limited')
  assert.is((await http.get('/v1/me', 'bob')).status, 200)
  await http.close()
})

operation('failed sign-ins are limited by address, whatever a header claims; valid tokens are not', async () => {
  const http = await startHttp({ rateLimits: { perCaller: 100, perAddress: 2 } })
  const guess = async (n: number): Promise<number> => {
    const headers = { Authorization: 'Bearer guess', 'X-Forwarded-For': `203.0.113.${n}` }
    return (await http.get('/v1/me', null, headers)).status
  }
  assert.equal([await guess(1), await guess(2), await guess(3)], [401, 401, 429])
  assert.is((await http.get('/v1/me', 'ann')).status, 200)
  await http.close()
})

operation('the ids of a request are kept where they are well-formed, made where not', async () => {
  const http = await startHttp()
  const both = { 'X-Request-Id': 'r-1', 'X-Correlation-Id': 'c-1' }
  const kept = await http.post(`/v1/tickets/${acmeTicket}/close`, 'ann', {}, both)
  assert.is(kept.headers.get('X-Request-Id'), 'r-1')
  assert.is(kept.headers.get('X-Correlation-Id'), 'c-1')
  assert.is(http.issued.at(-1)?.call.correlationId, 'c-1')
  for (const wrong of ['a b', 'x'.repeat(65), 'a"b', '{}']) {
    const made = await http.get('/healthz', null, { 'X-Request-Id': wrong })
    assert.match(made.headers.get('X-Request-Id') ?? '', /^[0-9a-f-]{36}$/)
  }
  await http.close()
})

operation('a log line has ids, route, status and time, and no personal data', async () => {
  const http = await startHttp()
  await http.get(`/v1/tickets/${acmeTicket}?version=1`, 'ann')
  await http.get('/v1/tickets?q=private-words', 'sue', { 'User-Agent': 'private-agent', Cookie: 'private=1' })
  await http.post('/v1/tickets', 'ann', { subject: 'private-subject', nonsense: 'private' })
  await http.get('/private/path', null)
  await http.close()
  assert.is(http.lines.length, 4)
  const text = http.lines.join('')
  assert.not.match(text, /private|T-A|version=|Ann|@|eyJ|127\.0\.0\.1/)
  const line = JSON.parse(http.lines[0] ?? '')
  const { route, status, caller, method } = line
  assert.equal(
    { route, status, caller, method },
    { route: '/v1/tickets/{id}', status: 200, caller: 'ann', method: 'GET' },
  )
  for (const field of ['requestId', 'correlationId', 'ms']) assert.ok(field in line, field)
})

operation('no header names the software, and no page may frame or script it', async () => {
  const http = await startHttp()
  const { headers } = await http.get('/v1/me', 'ann')
  assert.is(headers.get('X-Powered-By'), null)
  assert.is(headers.get('Server'), null)
  assert.is(headers.get('X-Content-Type-Options'), 'nosniff')
  assert.is(headers.get('Content-Security-Policy'), "default-src 'none';frame-ancestors 'none'")
  assert.is(headers.get('Cache-Control'), 'no-store')
  assert.is(headers.get('Strict-Transport-Security'), null)
  await http.close()
  const safe = await startHttp({ publicUrl: 'https://desk.example' })
  assert.match((await safe.get('/v1/me', 'ann')).headers.get('Strict-Transport-Security') ?? '', /max-age=\d+/)
  await safe.close()
})

operation('closing lets what is in flight finish, and takes nothing new', async () => {
  const http = await startHttp()
  await (await http.get('/v1/me', 'ann')).text()
  const gate = Promise.withResolvers<void>()
  http.state.hold = gate.promise
  const inFlight = http.post(`/v1/tickets/${acmeTicket}/close`, 'ann', {})
  await until(() => http.issued.length === 1)
  let closed = false
  const closing = http.close().then(() => (closed = true))
  const refused = await http.get('/healthz', null).then(
    () => false,
    () => true,
  )
  assert.ok(refused)
  assert.not.ok(closed)
  gate.resolve()
  assert.is((await inFlight).status, 200)
  await closing
})

operation('closing waits for a bounded time', async () => {
  const http = await startHttp({ graceMs: 50 })
  http.state.hold = new Promise(() => {})
  const lost = http.post(`/v1/tickets/${acmeTicket}/close`, 'ann', {}).then(
    () => 'answered',
    () => 'cut',
  )
  await until(() => http.issued.length === 1)
  await http.close()
  assert.is(await lost, 'cut')
})

operation('bytes that are not HTTP get a 400 and a closed connection', async () => {
  const http = await startHttp()
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
  socket.end('GET / NONSENSE\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 400 /)
  socket.destroy()
  await http.close()
})

operation('a port that is taken is an error', async () => {
  const http = await startHttp()
  const outcome = await createHttpServer(http.ports)
    .listen(Number(new URL(http.url).port), '127.0.0.1')
    .then(
      () => 'listening',
      (error: unknown) => String(error),
    )
  assert.match(outcome, /EADDRINUSE/)
  await http.close()
})

operation.run()
