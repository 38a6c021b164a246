import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  acmeTicket,
  acmeTicketWithFile,
  globexTicket,
  globexTicketWithFile,
  startHttp,
  type HttpTestServer,
} from '../../support/http-server.ts'

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

interface Listed {
  readonly items: readonly { readonly id: string; readonly unread: boolean }[]
  readonly next: string | null
  readonly total: number
}
const list = async (http: HttpTestServer, search: string, who: string): Promise<Listed> => {
  const response = await http.get(`/v1/tickets${search}`, who)
  assert.is(response.status, 200, search)
  return (await response.json()) as Listed
}
const idsOf = ({ items }: Listed): string[] => items.map(({ id }) => id)

queries('the list has what the caller may see', async ({ http }) => {
  const acme = [acmeTicketWithFile, acmeTicket]
  const globex = [globexTicketWithFile, globexTicket]
  const own = await list(http, '', 'ann')
  assert.equal(own, {
    items: [
      {
        id: acmeTicketWithFile,
        account: 'acme',
        subject: 'No sound',
        author: { id: 'ann', name: 'Ann Newname' },
        assignee: null,
        status: 'waiting_for_customer',
        category: 'video-cdn',
        createdAt: '2024-05-01T12:00:00.000Z',
        updatedAt: '2024-05-01T13:00:00.000Z',
        version: 4,
        unread: true,
      },
      {
        id: acmeTicket,
        account: 'acme',
        subject: 'No video',
        author: { id: 'ann', name: 'Ann Newname' },
        assignee: { id: 'sue', name: 'Sue Singh' },
        status: 'in_progress',
        category: 'video-cdn',
        createdAt: '2024-05-01T10:00:00.000Z',
        updatedAt: '2024-05-01T11:00:00.000Z',
        version: 3,
        unread: true,
      },
    ],
    next: null,
    total: 2,
  })
  assert.equal(idsOf(await list(http, '?account=globex', 'sue')), globex)
  assert.equal(idsOf(await list(http, '', 'acme-robot')), acme)
  const all = await list(http, '', 'ada')
  assert.equal(idsOf(all).toSorted(), [...acme, ...globex].toSorted())
  assert.ok(all.items.every(({ unread }) => !unread))
  assert.is((await http.get('/v1/tickets?account=globex', 'ann')).status, 403)
  assert.is((await http.get('/v1/tickets?account=globex', 'acme-robot')).status, 403)
})

queries('filters, orders and pages combine, in a list and in a search', async ({ http }) => {
  assert.equal(idsOf(await list(http, '?view=archive', 'sue')), [])
  assert.equal(idsOf(await list(http, '?category=a&category=b', 'sue')), [])
  assert.equal(idsOf(await list(http, '?status=in_progress&status=closed&category=video-cdn', 'sue')), [acmeTicket])
  assert.equal(idsOf(await list(http, '?q=no+vid%C3%A9o', 'ann')), [acmeTicket])
  const whole = { all: '?sort=created', found: '?q=black&sort=-updated', relevant: '?q=black' }
  for (const search of Object.values(whole)) {
    const expected = idsOf(await list(http, search, 'sue'))
    assert.is(expected.length, 4, search)
    const seen: unknown[] = []
    let cursor = ''
    do {
      const page = await list(http, `${search}&limit=1${cursor}`, 'sue')
      assert.is(page.total, 4)
      seen.push(...idsOf(page))
      cursor = page.next === null ? '' : `&cursor=${page.next}`
      if (cursor !== '') {
        assert.equal(await wrongPaths(await http.get(`/v1/tickets?sort=updated${cursor}`, 'sue')), ['cursor'])
      }
    } while (cursor !== '')
    assert.equal(seen, expected, search)
  }
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

queries(
  'people are shown under the name last seen, with their e-mail for support and auditors alone',
  async ({ http }) => {
    const ann = { id: 'ann', name: 'Ann Newname' }
    for (const [who, mail] of [
      ['ann', {}],
      ['robot', {}],
      ['sue', { email: 'ann@acme.example' }],
      ['ada', { email: 'ann@acme.example' }],
    ] as const) {
      const list = (await (await http.get('/v1/tickets', who)).json()) as { items: { id: string; author: unknown }[] }
      assert.equal(list.items.find(({ id }) => id === acmeTicket)?.author, { ...ann, ...mail }, who)
      const text = await (await http.get(ticket, who)).text()
      assert.equal(JSON.parse(text).author, { ...ann, ...mail }, who)
      assert.is(text.includes('@'), 'email' in mail, who)
      assert.is((await (await http.get(`${ticket}/history`, who)).text()).includes('@'), 'email' in mail, who)
    }
  },
)

queries('a ticket is read now or as it stood at a version or a time', async ({ http }) => {
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

queries('a query waits for the position that its request names, or is refused as not ready', async ({ http }) => {
  assert.is((await http.get('/v1/tickets', 'ann', { 'Ledger-Position': '99' })).status, 200)
  assert.is(http.waited.at(-1), '99')
  const late = await http.get('/v1/counters', 'ann', { 'Ledger-Position': '101' })
  assert.is(late.status, 503)
  assert.is(late.headers.get('Retry-After'), '1')
  assert.equal(await wrongPaths(await http.get('/v1/me', 'ann', { 'Ledger-Position': '-1' })), ['Ledger-Position'])
})

queries('the small queries answer the present state', async ({ http }) => {
  const read = async (path: string, who: string | null): Promise<unknown> => (await http.get(path, who)).json()
  assert.equal(await read('/v1/me', 'ann'), {
    id: 'ann',
    name: 'Ann Archer',
    email: 'ann@acme.example',
    role: 'customer',
    account: 'acme',
  })
  assert.equal(await read('/v1/counters', 'sue'), { waiting: 1, unreadTickets: 0, unreadNotifications: 4 })
  assert.equal(await read('/v1/categories', 'ira'), {
    items: [{ id: 'video-cdn', name: 'Video CDN', retired: false }],
  })
  assert.equal(await read('/healthz', null), { status: 'ok' })
})

queries('HEAD is GET without the body', async ({ http }) => {
  const head = await fetch(http.url + ticket, { method: 'HEAD', headers: http.bearer('ann') })
  assert.is(head.status, 200)
  assert.ok(Number(head.headers.get('Content-Length')) > 100)
  assert.is(await head.text(), '')
})

queries('the page of the API loads its own scripts and no others', async ({ http }) => {
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
