import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readRealLog, hasRealLog, toImportLines, type LogRow } from '../support/real-log.ts'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { skipHere } from '../support/skips.ts'

type Row = Record<string, string | number | null>
type Counts = Record<string, Record<string, number>>

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
const dayOf = (at: string): string => at.slice(0, 10)

/** The expected state of a case by its rows, computed without any code of the project: see `test/support/real-log.ts`. */
const caseOf = (history: readonly LogRow[], taken: Counts, days: Counts) => {
  const [opened] = history
  if (opened === undefined) throw new Error('a case without rows')
  const count = (counts: Counts, key: string, what: string): void => {
    const row = (counts[key] ??= {})
    row[what] = (row[what] ?? 0) + 1
  }
  const category = opened.product
  const ticket = {
    category,
    account: `customer-${slug(opened.customer)}`,
    at: opened.at,
    status: 'open',
    assignee: '',
    responded: '',
    lastClosed: '',
    comments: 0,
    reopens: 0,
    closes: 0,
  }
  const happened = (at: string, what: string): void => count(days, `${dayOf(at)}|${category}`, what)
  happened(opened.at, 'opened')
  const did = (row: LogRow, what: string): void => count(taken, `agent-${slug(row.resource)}`, what)
  for (const row of history.slice(1)) {
    if (ticket.status === 'closed') {
      ticket.status = 'open'
      ticket.comments++
      ticket.reopens++
      happened(row.at, 'reopened')
    }
    if (row.activity === 'Closed') {
      ticket.status = 'closed'
      ticket.lastClosed = row.at
      ticket.closes++
      happened(row.at, 'closed')
      did(row, 'closed')
    } else if (row.activity === 'Wait' || row.activity === 'Require upgrade') {
      ticket.status = 'waiting_for_customer'
      ticket.assignee ||= row.resource
    } else if (row.activity === 'Take in charge ticket') {
      if (ticket.status !== 'in_progress') {
        did(row, 'taken')
        ticket.responded ||= row.at
        ticket.status = 'in_progress'
      } else if (ticket.assignee !== row.resource) did(row, 'taken')
      ticket.assignee = row.resource
    } else {
      ticket.comments++
      ticket.responded ||= row.at
      did(row, 'comments')
      if (ticket.status === 'open') {
        ticket.assignee ||= row.resource
        ticket.status = 'in_progress'
        did(row, 'taken')
      }
    }
  }
  return ticket
}

/** The q-quantile of type 7, the default of statistics packages. */
const quantile = (values: readonly number[], q: number): number | null => {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const h = (sorted.length - 1) * q
  const [low = 0, high = 0] = [sorted[Math.floor(h)], sorted[Math.min(sorted.length - 1, Math.floor(h) + 1)]]
  return low + (h % 1) * (high - low)
}

const hours = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 3_600_000

const numbers = suite('reports against independently computed numbers')

numbers('each report of the real help desk log has the numbers of its rows', async () => {
  const folder = temporaryFolder()
  try {
    const rows = readRealLog()
    const [agents, days]: Counts[] = [{}, {}]
    const cases = [...Map.groupBy(rows, (row) => row.ticket).values()].map((each) =>
      caseOf(each, agents ?? {}, days ?? {}),
    )
    const file = join(folder.path, 'real.ndjson')
    writeFileSync(file, `${toImportLines(rows).join('\n')}\n`)
    const data = join(folder.path, 'data')
    assert.is((await ledgerdesk(data, 'import', file)).code, 0)
    const report = async (...words: string[]): Promise<Row[]> => {
      const ended = await ledgerdesk(data, 'report', ...words, '--format', 'json')
      assert.is(ended.code, 0, ended.stderr)
      return JSON.parse(ended.stdout).rows
    }

    const sumOf = (day: string, what: string, category?: string): number =>
      Object.entries(days ?? {}).reduce((sum, [key, counts]) => {
        const [of, kind] = key.split('|')
        return of === day && (category === undefined || kind === category) ? sum + (counts[what] ?? 0) : sum
      }, 0)
    const volume = await report('volume')
    let backlog = 0
    for (const row of volume) {
      const expected = ['opened', 'closed', 'reopened'].map((what) => sumOf(String(row['day']), what))
      assert.equal([row['opened'], row['closed'], row['reopened']], expected, String(row['day']))
      backlog += (expected[0] ?? 0) - (expected[1] ?? 0) + (expected[2] ?? 0)
      assert.is(row['backlog'], backlog, String(row['day']))
    }
    const first = Object.keys(days ?? {})
      .toSorted()[0]
      ?.slice(0, 10)
    assert.is(volume[0]?.['day'], first)
    assert.is(backlog, cases.filter(({ status }) => status !== 'closed').length)
    assert.is(
      volume.reduce((sum, { opened }) => sum + Number(opened), 0),
      4_580,
    )
    const june = await report('volume', '--from', '2012-06-01', '--to', '2012-06-30', '--category', 'Value 3')
    assert.is(june.length, 30)
    assert.equal(
      june.map(({ opened }) => opened),
      june.map(({ day }) => sumOf(String(day), 'opened', 'Value 3')),
    )
    assert.is(
      june.at(-1)?.['backlog'],
      cases.reduce((n, { category, at, lastClosed, reopens, closes }) => {
        if (category !== 'Value 3' || dayOf(at) > '2012-06-30') return n
        if (reopens > 0 || closes > 1) return n + stillOpenOn('2012-06-30', category, at)
        return lastClosed === '' || dayOf(lastClosed) > '2012-06-30' ? n + 1 : n
      }, 0),
    )

    for (const row of await report('response')) {
      const of = cases.filter(({ category }) => category === row['category'])
      const responses = of.flatMap(({ at, responded }) => (responded === '' ? [] : [hours(at, responded)]))
      const closes = of.flatMap(({ at, lastClosed }) => (lastClosed === '' ? [] : [hours(at, lastClosed)]))
      assert.is(row['tickets'], of.length)
      for (const [column, values, q] of [
        ['firstResponseMedianHours', responses, 0.5],
        ['firstResponseP90Hours', responses, 0.9],
        ['closeMedianHours', closes, 0.5],
        ['closeP90Hours', closes, 0.9],
      ] as const) {
        const expected = quantile(values, q)
        const [found] = [row[column]]
        if (expected === null) assert.is(found, null)
        else
          assert.ok(
            Math.abs(Number(found) - expected) < 1e-9,
            `${row['category']} ${column}: ${found}, not ${expected}`,
          )
      }
    }

    const reported = await report('agents')
    for (const { assignee, taken, comments, closed } of reported) {
      const did = agents?.[String(assignee)] ?? {}
      assert.equal(
        [taken, comments, closed],
        [did['taken'] ?? 0, did['comments'] ?? 0, did['closed'] ?? 0],
        `${assignee}`,
      )
    }
    const active = Object.entries(agents ?? {}).filter(([, did]) => did['taken'] || did['comments'] || did['closed'])
    assert.is(reported.length, active.length)

    for (const { category, closed, reopened, rate } of await report('reopens')) {
      const of = cases.filter((each) => each.category === category)
      const [closes, again] = [of.reduce((n, each) => n + each.closes, 0), of.reduce((n, each) => n + each.reopens, 0)]
      assert.equal([closed, reopened, rate], [closes, again, closes === 0 ? null : again / closes])
    }

    const tickets = await report('tickets')
    const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts)
    assert.equal(
      tickets
        .map((row) =>
          keyOf(
            row['account'],
            row['category'],
            row['status'],
            row['createdAt'],
            row['firstResponseAt'],
            row['closedAt'],
            row['comments'],
            row['reopens'],
            row['assignee'],
          ),
        )
        .toSorted(),
      cases
        .map((each) =>
          keyOf(
            each.account,
            each.category,
            each.status,
            each.at,
            each.responded || null,
            each.status === 'closed' ? each.lastClosed : null,
            each.comments,
            each.reopens,
            each.assignee === '' ? null : `agent-${slug(each.assignee)}`,
          ),
        )
        .toSorted(),
    )
    const parquet = join(folder.path, 'tickets.parquet')
    assert.is((await ledgerdesk(data, 'report', 'tickets', '--format', 'parquet', '--out', parquet)).code, 0)
    const bytes = readFileSync(parquet)
    const read = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    })
    assert.equal(
      read.map((row) => ({ ...row, ...timesOf(row) })),
      tickets,
    )

    function stillOpenOn(day: string, category: string, at: string): number {
      const histories = [...Map.groupBy(rows, (row) => row.ticket).values()]
      const history = histories.find(([opened]) => opened?.at === at && opened.product === category) ?? []
      const until = history.filter((row) => dayOf(row.at) <= day)
      return until.at(-1)?.activity === 'Closed' ? 0 : 1
    }
  } finally {
    folder.remove()
  }
})

const timesOf = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    ['createdAt', 'firstResponseAt', 'closedAt'].map((name) => {
      const value = row[name]
      return [name, value instanceof Date ? value.toISOString() : null]
    }),
  )

if (hasRealLog()) numbers.run()
else skipHere(import.meta.filename)
