import type { Database } from 'better-sqlite3'
import type { Projection } from '../projection.ts'
import { reportRows } from './rows.ts'

/** The kind of a column: days as `YYYY-MM-DD`, times in ISO 8601, hours and rates as fractions. */
export type ColumnKind = 'text' | 'day' | 'time' | 'count' | 'fraction'

export type ReportRow = Readonly<Record<string, string | number | null>>

/** The part of the log that a report covers. Days satisfy `isDay`, and both are included. */
export interface ReportFilter {
  readonly from?: string
  readonly to?: string
  /** A category's id. */
  readonly category?: string
}

/** Whether the text is an existing day, `YYYY-MM-DD`. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)

/** Whether the last day is before the first one. */
export const endsBeforeStart = ({ from, to }: ReportFilter): boolean =>
  from !== undefined && to !== undefined && to < from

const [firstDay, lastDay] = ['0000-00-00', '9999-99-99']

interface Bounds {
  readonly from: string
  readonly to: string
  readonly category: string | null
}

const bounds = ({ from = firstDay, to = lastDay, category }: ReportFilter): Bounds => ({
  from,
  to,
  category: category ?? null,
})

const dayMs = 86_400_000
const dayAfter = (day: string): string => new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10)

interface Day {
  readonly day: string
  readonly opened: number
  readonly closed: number
  readonly reopened: number
}

/** The log's first and last day; null where it has no ticket. */
interface Span {
  readonly first: string | null
  readonly last: string | null
}

/** One row for each day of the log within the bounds, with the number of open tickets at its end. */
const volumeOf = (days: readonly Day[], { first, last }: Span, { from, to }: Bounds): ReportRow[] => {
  const rows: ReportRow[] = []
  if (first === null || last === null) return rows
  const byDay = new Map(days.map((each) => [each.day, each]))
  const begin = from > first ? from : first
  const end = to < last ? to : last
  let backlog = 0
  for (const { day, opened, closed, reopened } of days) if (day < begin) backlog += opened - closed + reopened
  for (let day = begin; day <= end; day = dayAfter(day)) {
    const { opened, closed, reopened } = byDay.get(day) ?? { opened: 0, closed: 0, reopened: 0 }
    backlog += opened - closed + reopened
    rows.push({ day, opened, closed, reopened, backlog })
  }
  return rows
}

/** The percentile of a share (0 to 1) by linear interpolation; null for no values. */
export const percentile = (values: readonly number[], share: number): number | null => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  return below === undefined || above === undefined ? null : below + (above - below) * (at - Math.floor(at))
}

interface Times {
  readonly category: string
  readonly created: string
  readonly responded: string | null
  readonly closed: string | null
}

const hoursBetween = (from: string, to: string | null): number[] =>
  to === null ? [] : [(Date.parse(to) - Date.parse(from)) / 3_600_000]

const responseOf = (times: readonly Times[]): ReportRow[] =>
  [...Map.groupBy(times, ({ category }) => category)].map(([category, tickets]) => {
    const responses = tickets.flatMap(({ created, responded }) => hoursBetween(created, responded))
    const closes = tickets.flatMap(({ created, closed }) => hoursBetween(created, closed))
    return {
      category,
      tickets: tickets.length,
      firstResponseMedianHours: percentile(responses, 0.5),
      firstResponseP90Hours: percentile(responses, 0.9),
      closeMedianHours: percentile(closes, 0.5),
      closeP90Hours: percentile(closes, 0.9),
    }
  })

/** A report: its columns and their exact meaning. Days are UTC; `from` and `to` are days, both included. */
export interface ReportDefinition {
  readonly title: string
  /** In their order. */
  readonly columns: Readonly<Record<string, ColumnKind>>
  /** Defines each column; printed by `ledgerdesk report --help`. */
  readonly help: string
  /** The rows within the bounds, their members in the order of the columns. It reads whole tables. */
  readonly rows: (db: Database, bounds: Bounds) => readonly ReportRow[]
}

const ofCategory = '(:category IS NULL OR category = :category)'
const openedBetween = 'substr(created_at, 1, 10) BETWEEN :from AND :to'
const between = 'day BETWEEN :from AND :to'

export const definitions = {
  volume: {
    title: 'How many tickets come and go',
    columns: { day: 'day', opened: 'count', closed: 'count', reopened: 'count', backlog: 'count' },
    help: `A row for each day from --from to --to, or of the whole log, days without events too.
opened: tickets opened on that day. closed, reopened: how often any ticket was closed or reopened on that day.
backlog: tickets that were not closed at the day's end, those opened before --from included.`,
    rows: (db, within) => {
      const days = db.prepare<[Bounds], Day>(
        `SELECT day, sum(opened) AS opened, sum(closed) AS closed, sum(reopened) AS reopened
         FROM report_days WHERE day <= :to AND ${ofCategory} GROUP BY day ORDER BY day`,
      )
      const span = db.prepare<[], Span>('SELECT min(day) AS first, max(day) AS last FROM report_days')
      return volumeOf(days.all(within), span.get() ?? { first: null, last: null }, within)
    },
  },
  response: {
    title: 'How fast support answers and closes',
    columns: {
      category: 'text',
      tickets: 'count',
      firstResponseMedianHours: 'fraction',
      firstResponseP90Hours: 'fraction',
      closeMedianHours: 'fraction',
      closeP90Hours: 'fraction',
    },
    help: `A row for each category, over the tickets opened from --from to --to.
tickets: all of them. firstResponse: hours from opening to the first comment or take-up by support, over those that have
one; a take-up is a change to in progress because somebody of support took the ticket. close: hours from opening to the
last close, over those that were ever closed, reopened since or not. Median and 90th percentile lie between the two
nearest values, in proportion (linear interpolation). Empty where there is no value.`,
    rows: (db, within) => {
      const times = db.prepare<[Bounds], Times>(
        `SELECT category, created_at AS created, first_response_at AS responded, last_closed_at AS closed
         FROM report_tickets WHERE ${openedBetween} AND ${ofCategory} ORDER BY category`,
      )
      return responseOf(times.all(within))
    },
  },
  agents: {
    title: 'What each agent did',
    columns: { assignee: 'text', taken: 'count', comments: 'count', closed: 'count' },
    help: `A row for each of support who did one of these from --from to --to, by id.
taken: how often this agent took a ticket up, or took it over from another. comments, closed: this agent's comments and
closes, whoever the ticket was assigned to.`,
    rows: (db, within) =>
      db
        .prepare<[Bounds], ReportRow>(
          `SELECT agent AS assignee, sum(taken) AS taken, sum(comments) AS comments, sum(closed) AS closed
           FROM report_agents WHERE ${between} AND ${ofCategory} GROUP BY agent ORDER BY agent`,
        )
        .all(within),
  },
  reopens: {
    title: 'How often closed tickets come back',
    columns: { category: 'text', closed: 'count', reopened: 'count', rate: 'fraction' },
    help: `A row for each category that had tickets opened, closed or reopened from --from to --to.
closed, reopened: how often that happened then. rate: reopened / closed; empty where nothing was closed.`,
    rows: (db, within) =>
      db
        .prepare<[Bounds], ReportRow>(
          `SELECT category, sum(closed) AS closed, sum(reopened) AS reopened,
             CASE WHEN sum(closed) > 0 THEN 1.0 * sum(reopened) / sum(closed) END AS rate
           FROM report_days WHERE ${between} AND ${ofCategory} GROUP BY category ORDER BY category`,
        )
        .all(within),
  },
  tickets: {
    title: 'Every ticket',
    columns: {
      id: 'text',
      account: 'text',
      category: 'text',
      status: 'text',
      createdAt: 'time',
      firstResponseAt: 'time',
      closedAt: 'time',
      events: 'count',
      comments: 'count',
      reopens: 'count',
      assignee: 'text',
    },
    help: `A row for each ticket opened from --from to --to, in the order of opening, as it stands now.
firstResponseAt: the first comment or take-up by support. closedAt: the last close, while the ticket is closed.
events, comments, reopens: how many its stream holds, comments of both sides. assignee: an id.`,
    rows: (db, within) =>
      db
        .prepare<[Bounds], ReportRow>(
          `SELECT id, account, category, status, created_at AS createdAt, first_response_at AS firstResponseAt,
             closed_at AS closedAt, events, comments, reopens, assignee
           FROM report_tickets WHERE ${openedBetween} AND ${ofCategory} ORDER BY created_at, id`,
        )
        .all(within),
  },
} as const satisfies Readonly<Record<string, ReportDefinition>>

export type ReportName = keyof typeof definitions

export const isReportName = (text: string): text is ReportName => Object.hasOwn(definitions, text)

export const columnsOf = (name: ReportName): readonly string[] => Object.keys(definitions[name].columns)

export interface ReportQueries {
  readonly rows: (name: ReportName, filter: ReportFilter) => readonly ReportRow[]
}

export const reports: Projection<ReportQueries> = {
  ...reportRows,
  queries: (db) => ({ rows: (name, filter) => definitions[name].rows(db, bounds(filter)) }),
}
