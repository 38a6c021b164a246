import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { csvOf } from '../../../adapters/reports/csv.ts'
import { parquetOf } from '../../../adapters/reports/parquet.ts'
import { definitions } from '../../../projections/reports/reports.ts'
import { parquetReadObjects } from 'hyparquet'
import { startHttp, type HttpTestServer } from '../../support/http-server.ts'

const reports = suite<{ http: HttpTestServer }>('reports over HTTP')
reports.before(async (context) => {
  context.http = await startHttp()
})
reports.after(({ http }) => http.close())

reports('only callers who see all accounts may read them', async ({ http }) => {
  for (const [who, status] of [
    ['ann', 403],
    ['acme-robot', 403],
    ['sue', 200],
    ['ira', 200],
    ['ada', 200],
    ['robot', 200],
    [null, 401],
  ] as const) {
    assert.is((await http.get('/v1/reports', who)).status, status, `${who}`)
    assert.is((await http.get('/v1/reports/volume', who)).status, status, `${who}`)
  }
})

reports('the list names each with its columns', async ({ http }) => {
  const { items } = (await (await http.get('/v1/reports', 'ira')).json()) as {
    items: { name: string; columns: string[] }[]
  }
  assert.equal(
    items.map(({ name, columns }) => [name, columns]),
    Object.entries(definitions).map(([name, { columns }]) => [name, Object.keys(columns)]),
  )
})

reports('an unknown report is not found, a wrong day is named', async ({ http }) => {
  assert.is((await http.get('/v1/reports/sales', 'ira')).status, 404)
  assert.is((await http.get('/v1/reports/toString', 'ira')).status, 404)
  for (const [search, path] of [
    ['from=yesterday', 'from'],
    ['to=2024-02-30', 'to'],
    ['from=2024-02-02&to=2024-02-01', 'to'],
    ['day=2024-02-01', 'day'],
  ]) {
    const refused = await http.get(`/v1/reports/volume?${search}`, 'ira')
    assert.is(refused.status, 400, search)
    const { errors } = (await refused.json()) as { errors: { path: string }[] }
    assert.equal(
      errors.map((each) => each.path),
      [path],
    )
  }
})

reports('as JSON, or as CSV by Accept', async ({ http }) => {
  const answer = await http.get('/v1/reports/reopens?from=2024-01-01&to=2024-12-31&category=other', 'ira')
  assert.equal(await answer.json(), { columns: ['category', 'closed', 'reopened', 'rate'], rows: [] })
  const csv = await http.get('/v1/reports/reopens', 'ira', { accept: 'text/csv' })
  assert.match(csv.headers.get('content-type') ?? '', 'text/csv')
  assert.is(await csv.text(), 'category,closed,reopened,rate\r\n')
})

reports('CSV escapes special characters, and formulas for spreadsheets', () => {
  const rows = [
    { category: 'a "b", c\nd', closed: 2, rate: null },
    { category: '=1+1', closed: 0, rate: 0.5 },
  ]
  assert.is(
    csvOf(['category', 'closed', 'rate'], rows),
    `category,closed,rate\r\n"a ""b"", c\nd",2,\r\n'=1+1,0,0.5\r\n`,
  )
})

reports('Parquet reads back equal, without rows too', async () => {
  const { columns } = definitions.response
  const rows = [
    {
      category: 'ünïcode',
      tickets: 2,
      firstResponseMedianHours: 0.1,
      firstResponseP90Hours: null,
      closeMedianHours: 1e9,
      closeP90Hours: 0,
    },
  ]
  for (const each of [rows, []]) {
    const bytes = parquetOf(columns, each)
    assert.equal(await parquetReadObjects({ file: new Uint8Array(bytes).buffer }), each)
  }
})

reports.run()
