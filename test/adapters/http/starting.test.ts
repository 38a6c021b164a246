import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startHttp } from '../../support/http-server.ts'

const starting = suite('a server that has not started')

starting('answers probes, metrics, pages and documents; everything else is 503 with the progress', async () => {
  const http = await startHttp({ serves: false })
  const state = { status: 'catching-up', reason: 'the read models are catching up', progress: 0.456 } as const
  http.serverState.now = state
  for (const path of ['/healthz', '/metrics', '/tickets', '/assets/main.js', '/openapi.json', '/docs'])
    assert.is((await http.get(path, null)).status, 200, path)
  const readiness = await http.get('/readyz', null)
  assert.is(readiness.status, 503)
  assert.is(readiness.headers.get('Content-Type'), 'application/json')
  assert.equal(await readiness.json(), state)
  assert.match(await (await http.get('/metrics', null)).text(), /ledgerdesk_state\{state="catching-up"\} 1/)

  for (const refused of [
    await http.get('/v1/tickets', 'ann'),
    await http.get('/v1/me', null),
    await http.post('/v1/tickets', 'ann', { subject: 'a', description: 'b', category: 'video-cdn' }),
    await http.upload('/v1/files', 'ann'),
  ]) {
    assert.is(refused.status, 503)
    assert.is(refused.headers.get('Retry-After'), '1')
    const { type, detail } = (await refused.json()) as { type: string; detail: string }
    assert.is(type, '/problems/not-ready')
    assert.match(detail, /the read models are catching up, 45 % done/)
  }
  assert.equal(http.issued, [])
  assert.is((await http.get('/v1/nothing', null)).status, 404)

  http.serve()
  assert.is((await http.get('/v1/tickets', 'ann')).status, 200)
  await http.close()
})

starting('is ready in one state only', async () => {
  const http = await startHttp()
  assert.is((await http.get('/readyz', null)).status, 200)
  for (const status of ['starting', 'catching-up', 'degraded', 'read-only', 'closing'] as const) {
    http.serverState.now = { status, reason: 'so it is', progress: null }
    const readiness = await http.get('/readyz', null)
    assert.is(readiness.status, 503, status)
    assert.equal(await readiness.json(), http.serverState.now)
    assert.is((await http.get('/v1/tickets', 'ann')).status, 200, 'a state refuses nothing by itself')
  }
  await http.close()
})

starting.run()
