import type { Database } from 'better-sqlite3'
import type { ReportName } from './definitions.ts'

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

export interface ReportQueries {
  /** A report's rows, their members in the order of its columns. */
  readonly rows: (name: ReportName, filter: ReportFilter) => readonly ReportRow[]
}

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

const ofCategory = '(:category IS NULL OR category = :category)'
const openedBetween = 'substr(created_at, 1, 10) BETWEEN :from AND :to'
const between = 'day BETWEEN :from AND :to'

/** Reports read whole tables: a few seconds for a million tickets. */
export const reportQueries = (db: Database): ReportQueries => {
  const days = db.prepare<[Bounds], Day>(
    `SELECT day, sum(opened) AS opened, sum(closed) AS closed, sum(reopened) AS reopened
     FROM report_days WHERE day <= :to AND ${ofCategory} GROUP BY day ORDER BY day`,
  )
  const span = db.prepare<[], Span>('SELECT min(day) AS first, max(day) AS last FROM report_days')
  const times = db.prepare<[Bounds], Times>(
    `SELECT category, created_at AS created, first_response_at AS responded, last_closed_at AS closed
     FROM report_tickets WHERE ${openedBetween} AND ${ofCategory} ORDER BY category`,
  )
  const agents = db.prepare<[Bounds], ReportRow>(
    `SELECT agent AS assignee, sum(taken) AS taken, sum(comments) AS comments, sum(closed) AS closed
     FROM report_agents WHERE ${between} AND ${ofCategory} GROUP BY agent ORDER BY agent`,
  )
  const reopens = db.prepare<[Bounds], ReportRow>(
    `SELECT category, sum(closed) AS closed, sum(reopened) AS reopened,
       CASE WHEN sum(closed) > 0 THEN 1.0 * sum(reopened) / sum(closed) END AS rate
     FROM report_days WHERE ${between} AND ${ofCategory} GROUP BY category ORDER BY category`,
  )
  const tickets = db.prepare<[Bounds], ReportRow>(
    `SELECT id, account, category, status, created_at AS createdAt, first_response_at AS firstResponseAt,
       closed_at AS closedAt, events, comments, reopens, assignee
     FROM report_tickets WHERE ${openedBetween} AND ${ofCategory} ORDER BY created_at, id`,
  )
  return {
    rows: (name, filter) => {
      switch (name) {
        case 'volume':
          return volumeOf(days.all(bounds(filter)), span.get() ?? { first: null, last: null }, bounds(filter))
        case 'response':
          return responseOf(times.all(bounds(filter)))
        case 'agents':
          return agents.all(bounds(filter))
        case 'reopens':
          return reopens.all(bounds(filter))
        case 'tickets':
          return tickets.all(bounds(filter))
      }
    },
  }
}
