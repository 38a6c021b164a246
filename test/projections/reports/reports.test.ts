import type { Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  columnsOf,
  definitions,
  isDay,
  isReportName,
  percentile,
  type ReportFilter,
  reports,
} from '../../../projections/reports/reports.ts'
import { assigned, closed, commentAdded, opened, reopened, statusChanged } from '../../domain/ticket/events.ts'
import { ann, bob, sue, tom } from '../../support/people.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter, withProjections } from '../../support/projection-specs.ts'

const test = suite('reports')

const log = testLog()
log.ticket('T-1', bob, opened(bob))
log.ticket('T-1', sue, commentAdded('Where?'), statusChanged('open', 'in_progress', 'taken', sue))
log.ticket('T-1', tom, assigned(tom))
log.ticket('T-1', tom, closed)
log.ticket('T-2', ann, opened(ann))
log.ticket('T-1', bob, reopened, commentAdded('Dark again'))
log.ticket('T-2', ann, closed)
log.user(ann, { type: 'SignedIn', data: {}, personal: {} })
log.ticket('T-1', sue, assigned(tom))
log.unknown('T-1', sue)

const day = log.at(1).slice(0, 10)
const category = 'technical'

const expected = {
  volume: [{ day, opened: 2, closed: 2, reopened: 1, backlog: 1 }],
  response: [
    {
      category,
      tickets: 2,
      firstResponseMedianHours: 1 / 60,
      firstResponseP90Hours: 1 / 60,
      closeMedianHours: 2.5 / 60,
      closeP90Hours: 2.9 / 60,
    },
  ],
  agents: [
    { assignee: 'sue', taken: 1, comments: 1, closed: 0 },
    { assignee: 'tom', taken: 1, comments: 0, closed: 1 },
  ],
  reopens: [{ category, closed: 2, reopened: 1, rate: 0.5 }],
  tickets: [
    {
      id: 'T-1',
      account: 'acme',
      category,
      status: 'open',
      createdAt: log.at(1),
      firstResponseAt: log.at(2),
      closedAt: null,
      events: 8,
      comments: 2,
      reopens: 1,
      assignee: 'tom',
    },
    {
      id: 'T-2',
      account: 'acme',
      category,
      status: 'closed',
      createdAt: log.at(5),
      firstResponseAt: null,
      closedAt: log.at(7),
      events: 2,
      comments: 0,
      reopens: 0,
      assignee: null,
    },
  ],
}

/** Fractions of hours to the second. */
const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, v: unknown) =>
      key.endsWith('Hours') && typeof v === 'number' ? Math.round(v * 3600) : v,
    ),
  )

const allOf =
  (filter: ReportFilter = {}) =>
  (db: Database): unknown => {
    const { rows } = reports.queries(db)
    return rounded(
      Object.fromEntries(
        Object.keys(definitions).map((name) => [name, isReportName(name) ? rows(name, filter) : null]),
      ),
    )
  }

projectionSpec(test, reports, 'every report', log.events, allOf(), rounded(expected))

test('erased texts change no number', () => {
  assert.equal(shownAfter([reports], withoutPersonal(log.events, 'T-1'), allOf()), rounded(expected))
})

test('columns are those of the rows, in their order', () =>
  shownAfter([reports], log.events, (db) => {
    for (const name of Object.keys(definitions)) {
      if (!isReportName(name)) return assert.unreachable(name)
      for (const row of reports.queries(db).rows(name, {})) assert.equal(Object.keys(row), columnsOf(name))
    }
  }))

test('filters: another category, and days before and after', () =>
  shownAfter([reports], log.events, (db) => {
    const nothing = { volume: [], response: [], agents: [], reopens: [], tickets: [] }
    for (const filter of [{ to: '2025-12-31' }, { from: '2026-01-02' }]) assert.equal(allOf(filter)(db), nothing)
    assert.equal(allOf({ category: 'none' })(db), {
      ...nothing,
      volume: [{ day, opened: 0, closed: 0, reopened: 0, backlog: 0 }],
    })
    assert.equal(allOf({ from: day, to: day, category })(db), rounded(expected))
    assert.is(
      reports.queries(db).rows('volume', { from: '0001-01-01', to: '9999-12-31' }).length,
      1,
      'no rows beyond the log',
    )
  }))

test('an empty log has reports without rows', () =>
  withProjections([reports], (db) =>
    assert.equal(allOf()(db), { volume: [], response: [], agents: [], reopens: [], tickets: [] }),
  ))

test('percentiles interpolate between the nearest values', () => {
  assert.is(percentile([], 0.5), null)
  assert.is(percentile([3], 0.9), 3)
  assert.is(percentile([4, 1, 3, 2], 0.5), 2.5)
  assert.is(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.9), 10)
})

test('only existing days are days', () => {
  for (const good of ['2024-02-29', '0001-01-01', '9999-12-31']) assert.ok(isDay(good), good)
  for (const bad of ['2023-02-29', '2024-13-01', '2024-1-1', '2024-01-01T00:00:00Z', '', 'today'])
    assert.not(isDay(bad), bad)
})

test('the tables hold no name, mail address or text', () =>
  shownAfter([reports], log.events, (db) => {
    const tables = db.prepare<[], string>("SELECT name FROM made WHERE projection = 'reports'").pluck().all()
    assert.is(tables.length, 3)
    const all = JSON.stringify(tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all()))
    for (const text of ['Sue', 'Bob', 'example', 'Where?', 'again', 'No video']) assert.not(all.includes(text), text)
  }))

test.run()
