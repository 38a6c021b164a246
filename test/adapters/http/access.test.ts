import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Route } from '../../../adapters/http/route.ts'
import { routes } from '../../../adapters/http/routes/table.ts'
import type { Principal } from '../../../domain/actor.ts'
import { goodBody } from '../../support/good-bodies.ts'
import {
  acmeFile,
  acmeTicket,
  everybody,
  globexFile,
  globexTicket,
  nowhereTicket,
  startHttp,
  unsubscribeLinks,
  type HttpTestServer,
} from '../../support/http-server.ts'
import { personId } from '../../support/ids.ts'

const access = suite<{ http: HttpTestServer }>('who may what')
access.before(async (context) => {
  context.http = await startHttp()
})
access.after(({ http }) => http.close())

const call = (http: HttpTestServer, route: Route, who: string | null, ticket: string, body?: unknown) => {
  const id = route.path.startsWith('/v1/files/') ? (ticket === globexTicket ? globexFile : acmeFile) : ticket
  const path = route.path
    .replace('{id}', id)
    .replace('{slug}', 'forbidden')
    .replace('{part}', 'start.js')
    .replace('{name}', 'volume')
    .replace('{file}', 'main.js')
    .replace('{token}', unsubscribeLinks.issue({ person: personId('ann'), kinds: ['support_commented'] }))
  if (route.method === 'get') return http.get(path, who)
  if (route.body === 'files') return http.upload(path, who)
  return http[route.method](path, who, body ?? goodBody(route.operationId))
}

const may = (route: Route, { role }: Principal): boolean =>
  route.access === 'anyone' || route.access === 'operator' || route.access.includes(role)

/** Operations over all accounts are not for a service that is bound to one. */
const overAll = new Set(['listProjections', 'listReports', 'getReport'])

access('every route answers the roles that it allows and no others', async ({ http }) => {
  for (const route of routes) {
    for (const person of everybody) {
      const own = person.role === 'customer' && person.account === 'globex' ? globexTicket : acmeTicket
      const response = await call(http, route, person.id, own)
      const what = `${route.operationId} by ${person.id}`
      const boundService = person.role === 'service' && 'account' in person && overAll.has(route.operationId)
      assert.is(response.status, may(route, person) && !boundService ? route.status : 403, what)
      await response.arrayBuffer()
    }
  }
})

access('without a token only routes for anyone answer', async ({ http }) => {
  for (const route of routes) {
    const response = await call(http, route, null, acmeTicket)
    const open = route.access === 'anyone' || route.access === 'operator'
    assert.is(response.status, open ? route.status : 401, route.operationId)
    if (!open) assert.is(response.headers.get('WWW-Authenticate'), 'Bearer realm="ledgerdesk"')
    await response.arrayBuffer()
  }
})

const withoutInstance = async (response: Response): Promise<string> =>
  (await response.text()).replace(/"instance":"[^"]*"/, '')

access(
  "another account's ticket reads as if there were none, on every route, whatever else is wrong",
  async ({ http }) => {
    for (const route of routes.filter(({ aboutTicket }) => aboutTicket)) {
      for (const body of [undefined, { nonsense: true }, 'no json']) {
        for (const who of ['ann', 'acme-robot']) {
          const there = await call(http, route, who, globexTicket, body)
          const nowhere = await call(http, route, who, nowhereTicket, body)
          assert.is(there.status, 404, `${route.operationId} by ${who}`)
          assert.is(nowhere.status, 404)
          assert.is(await withoutInstance(there), await withoutInstance(nowhere))
          const headers = (response: Response) => [...response.headers.keys()].toSorted()
          assert.equal(headers(there), headers(nowhere))
        }
      }
    }
  },
)

access("another account's file reads as if there were none", async ({ http }) => {
  for (const what of ['', '/preview']) {
    for (const who of ['ann', 'acme-robot']) {
      const there = await http.get(`/v1/files/${globexFile}${what}`, who)
      const nowhere = await http.get(`/v1/files/${'c'.repeat(32)}${what}`, who)
      assert.is(there.status, 404)
      assert.is(await withoutInstance(there), await withoutInstance(nowhere))
    }
    assert.is((await http.get(`/v1/files/${globexFile}${what}`, 'carla')).status, 200)
  }
})

access('a customer may not assign a ticket, whatever the body is', async ({ http }) => {
  const response = await http.post(`/v1/tickets/${acmeTicket}/assign`, 'ann', { nonsense: true })
  assert.is(response.status, 403)
})

access('every path refuses other methods, and lists its own', async ({ http }) => {
  for (const path of new Set(routes.map((route) => route.path))) {
    const url = path
      .replace('{id}', acmeTicket)
      .replace('{slug}', 'forbidden')
      .replace('{part}', 'start.js')
      .replace('{file}', 'main.js')
      .replace('{token}', 'x.y')
    const response = await fetch(http.url + url, { method: 'PATCH' })
    assert.is(response.status, 405, path)
    const allowed = response.headers.get('Allow') ?? ''
    for (const { method } of routes.filter((route) => route.path === path)) {
      assert.ok(allowed.split(', ').includes(method.toUpperCase()), path)
    }
    assert.is((await fetch(http.url + url, { method: 'OPTIONS' })).status, 405)
  }
})

access('another spelling of a path is another path', async ({ http }) => {
  for (const path of ['/V1/tickets', '/v1/tickets/', '/v1//tickets', '/v1/tickets/%E0%A4%A', '/v1/tickets%2F']) {
    assert.is((await http.get(path, 'sue')).status, 404, path)
  }
})

access('metrics are for this machine, and for a service elsewhere', async ({ http }) => {
  const forwarded = { 'X-Forwarded-For': '203.0.113.9' }
  assert.is((await http.get('/metrics', null)).status, 200)
  assert.is((await http.get('/metrics', null, forwarded)).status, 401)
  assert.is((await http.get('/metrics', 'sue', forwarded)).status, 403)
  const fromElsewhere = await http.get('/metrics', 'robot', forwarded)
  assert.is(fromElsewhere.status, 200)
  const text = await fromElsewhere.text()
  assert.match(text, /ledgerdesk_http_request_seconds_count\{method="GET",route="\/metrics",status="200"\}/)
  assert.match(text, /ledgerdesk_projection_parked\{projection="tickets"\} 1/)
  assert.match(text, /ledgerdesk_parked_ticket\{projection="tickets",ticket="[^"]+",position="3",reason="it broke"\} 1/)
  assert.match(text, /ledgerdesk_events_passed_over 4/)
  assert.match(text, /ledgerdesk_log_lines_lost_total 3/)
  assert.match(text, /ledgerdesk_state\{state="ready"\} 1/)
  assert.match(text, /ledgerdesk_state\{state="read-only"\} 0/)
  assert.match(text, /ledgerdesk_mails_unsent\{state="aside"\} 1/)
})

access('a malformed or altered token, or one of another algorithm, is refused', async ({ http }) => {
  const good = String(http.bearer('ann')['Authorization'])
  const unsigned = `Bearer ${btoa('{"alg":"none","typ":"JWT"}').replaceAll('=', '')}.${good.split('.')[1]}.`
  for (const header of ['Bearer', 'Bearer x', `${good}x`, 'Basic YTpi', unsigned, `${good},${good}`]) {
    const response = await http.get('/v1/me', null, { Authorization: header })
    assert.is(response.status, 401, header)
    assert.match(response.headers.get('WWW-Authenticate') ?? '', /error="invalid_token"/)
  }
})

access.run()
