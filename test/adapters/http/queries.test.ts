import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { acmeTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'

const queries = suite<{ http: HttpTestServer }>('queries over HTTP')
queries.before(async (context) => {
  context.http = await startHttp()
})
queries.after(({ http }) => http.close())

const ticket = `/v1/tickets/${acmeTicket}`
const wrongPaths = async (response: Response): Promise<string[]> => {
  assert.is(response.status, 400)
  const { errors } = (await response.json()) as { errors: { path: string }[] }
  return errors.map(({ path }) => path)
}

queries('the list is asked for as the caller may', async ({ http }) => {
  await http.get('/v1/tickets', 'ann')
  assert.equal(http.listed.at(-1), {
    account: 'acme',
    reader: { id: 'ann', role: 'customer', account: 'acme' },
    view: 'active',
    q: null,
    categories: [],
    statuses: [],
    sort: '-updated',
    limit: 50,
    cursor: null,
  })
  await http.get(
    '/v1/tickets?view=archive&q=no+vid%C3%A9o&category=a&category=b&status=open&limit=200&cursor=c&account=globex',
    'sue',
  )
  assert.equal(http.listed.at(-1), {
    account: 'globex',
    reader: { id: 'sue', role: 'support' },
    view: 'archive',
    q: 'no vidéo',
    categories: ['a', 'b'],
    statuses: ['open'],
    sort: 'relevance',
    limit: 200,
    cursor: 'c',
  })
  await http.get('/v1/tickets', 'ada')
  assert.is(http.listed.at(-1)?.account, null)
  assert.is(http.listed.at(-1)?.reader, null)
  await http.get('/v1/tickets', 'acme-robot')
  assert.is(http.listed.at(-1)?.account, 'acme')
  assert.is((await http.get('/v1/tickets?account=globex', 'ann')).status, 403)
  assert.is((await http.get('/v1/tickets?account=globex', 'acme-robot')).status, 403)
})

queries('a wrong, unknown or doubled parameter is named', async ({ http }) => {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    'limit=0': ['limit'],
    'limit=201': ['limit'],
    'limit=5x': ['limit'],
    'sort=name': ['sort'],
    'sort=relevance': ['sort'],
    'status=done': ['status.0'],
    'view=active&view=archive': ['view'],
    'page=2': ['page'],
    'q=%ff': ['q'],
    'q=%00': ['q'],
    '__proto__=x': ['__proto__'],
    'constructor=x': ['constructor'],
    'cursor=bad': ['cursor'],
  }
  for (const [search, paths] of Object.entries(wrong)) {
    assert.equal(await wrongPaths(await http.get(`/v1/tickets?${search}`, 'sue')), paths, search)
  }
  assert.equal(await wrongPaths(await http.get('/v1/me?x=1', 'sue')), ['x'])
  assert.equal(await wrongPaths(await http.get('/healthz?x=1', null)), ['x'])
})

queries('people are shown as last seen, with their mail for support and auditors alone', async ({ http }) => {
  const ann = { id: 'ann', name: 'Ann Newname' }
  for (const [who, mail] of [
    ['ann', {}],
    ['robot', {}],
    ['sue', { email: 'ann@acme.example' }],
    ['ada', { email: 'ann@acme.example' }],
  ] as const) {
    const list = (await (await http.get('/v1/tickets', who)).json()) as { items: { author: unknown }[] }
    assert.equal(list.items[0]?.author, { ...ann, ...mail }, who)
    const text = await (await http.get(ticket, who)).text()
    assert.equal(JSON.parse(text).author, { ...ann, ...mail }, who)
    assert.is(text.includes('@'), 'email' in mail, who)
    assert.is((await (await http.get(`${ticket}/history`, who)).text()).includes('@'), 'email' in mail, who)
  }
})

queries('a ticket is read now or as it stood then', async ({ http }) => {
  const read = async (search: string) => {
    const response = await http.get(`${ticket}${search}`, 'ann')
    return { status: response.status, etag: response.headers.get('ETag'), body: JSON.parse(await response.text()) }
  }
  const now = await read('')
  assert.is(now.etag, '"3"')
  assert.is(now.body.status, 'in_progress')
  assert.is(now.body.comments.length, 1)
  const then = await read('?version=1')
  assert.is(then.etag, '"1"')
  assert.is(then.body.status, 'open')
  assert.is(then.body.assignee, null)
  assert.is((await read('?asOf=2024-05-01T12:30:00%2B02:00')).etag, '"1"')
  assert.is((await read('?asOf=2024-05-01T11:00:00Z')).etag, '"3"')
  assert.is((await read('?version=4')).status, 404)
  assert.is((await read('?asOf=2020-01-01T00:00:00Z')).status, 404)
  for (const wrong of ['?version=0', '?asOf=yesterday', '?asOf=2024-05-01', '?version=1&asOf=2024-05-01T11:00:00Z']) {
    assert.is((await read(wrong)).status, 400, wrong)
  }
})

queries('the history comes as JSON or line by line', async ({ http }) => {
  const whole = JSON.parse(await (await http.get(`${ticket}/history`, 'ada')).text())
  const fields =
    'position stream version id type schema occurredAt recordedAt actor commandId correlationId data previousHash hash'
  assert.equal(
    whole.items.map((item: object) => Object.keys(item).join(' ')),
    [fields, fields, fields],
  )
  assert.equal(whole.items[2].data, {
    from: 'open',
    to: 'in_progress',
    cause: 'taken',
    assignee: { id: 'sue', name: 'Sue Singh', email: 'sue@support.example' },
  })
  const lines = await http.get(`${ticket}/history`, 'ada', { Accept: 'application/x-ndjson' })
  assert.is(lines.headers.get('Content-Type'), 'application/x-ndjson')
  const items = (await lines.text()).trimEnd().split('\n')
  assert.equal(
    items.map((line) => JSON.parse(line)),
    whole.items,
  )
  assert.is((await http.get(`${ticket}/history`, 'ada', { Accept: 'text/csv' })).status, 406)
  assert.is((await http.get('/v1/tickets', 'ada', { Accept: 'text/html' })).status, 406)
  assert.is((await http.get('/v1/tickets', 'ada', { Accept: 'text/html, */*;q=0.1' })).status, 200)
})

queries('a query waits for the position that it names, or says that it is not ready', async ({ http }) => {
  assert.is((await http.get('/v1/tickets', 'ann', { 'Ledger-Position': '99' })).status, 200)
  assert.is(http.waited.at(-1), '99')
  const late = await http.get('/v1/counters', 'ann', { 'Ledger-Position': '101' })
  assert.is(late.status, 503)
  assert.is(late.headers.get('Retry-After'), '1')
  assert.equal(await wrongPaths(await http.get('/v1/me', 'ann', { 'Ledger-Position': '-1' })), ['Ledger-Position'])
})

queries('the small ones answer what they say', async ({ http }) => {
  const read = async (path: string, who: string | null): Promise<unknown> => (await http.get(path, who)).json()
  assert.equal(await read('/v1/me', 'ann'), {
    id: 'ann',
    name: 'Ann Archer',
    email: 'ann@acme.example',
    role: 'customer',
    account: 'acme',
  })
  assert.equal(await read('/v1/counters', 'sue'), { waiting: 1, unreadTickets: 2, unreadNotifications: 0 })
  assert.equal(await read('/v1/categories', 'ira'), {
    items: [{ id: 'video-cdn', name: 'Video CDN', retired: false }],
  })
  assert.equal(await read('/healthz', null), { status: 'ok' })
  http.viewState.ready = false
  assert.is((await http.get('/readyz', null)).status, 503)
  http.viewState.ready = true
  assert.equal(await read('/readyz', null), { status: 'ok' })
})

queries('HEAD is GET without the body', async ({ http }) => {
  const head = await fetch(http.url + ticket, { method: 'HEAD', headers: http.bearer('ann') })
  assert.is(head.status, 200)
  assert.ok(Number(head.headers.get('Content-Length')) > 100)
  assert.is(await head.text(), '')
})

queries('the page of the API brings its own scripts and lets in no others', async ({ http }) => {
  const page = await http.get('/docs', null)
  const html = await page.text()
  assert.match(
    page.headers.get('Content-Security-Policy') ?? '',
    /default-src 'none'; script-src 'self'; style-src 'self'/,
  )
  assert.not.match(html, /<script>|<script(?! src="\/docs\/)|https?:| style=| on\w+=/)
  const parts = [...html.matchAll(/"(\/docs\/[\w.-]+)"/g)].map(([, path]) => path ?? '')
  assert.is(parts.length, 3)
  for (const path of parts) assert.is((await http.get(path, null)).status, 200, path)
  assert.is((await http.get('/docs/package.json', null)).status, 404)
  assert.is((await http.get('/docs/..%2Fpackage.json', null)).status, 404)
})

queries.run()
