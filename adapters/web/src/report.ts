import { get, type Answer } from './api.ts'
import { save } from './save.ts'

/** A report in the server's list. */
export interface ListedReport {
  readonly name: string
  readonly title: string
  readonly columns: readonly string[]
}

export type Cell = string | number | null
export type Row = Readonly<Record<string, Cell>>

export interface Report {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** The request for a report with the page's filter: days, both included, and a category. */
export const reportPath = (name: string, query: URLSearchParams): string => {
  const filter = new URLSearchParams()
  for (const part of ['from', 'to', 'category']) {
    const value = query.get(part) ?? ''
    if (value !== '') filter.set(part, value)
  }
  return filter.size === 0 ? `/v1/reports/${name}` : `/v1/reports/${name}?${filter}`
}

export const readReport = (path: string): Promise<Answer<Report>> => get<Report>(path)

/** Downloads a report as CSV. */
export const saveCsv = (name: string, path: string): Promise<Answer<string>> => save(path, 'text/csv', `${name}.csv`)

export const numberOf = (row: Row, column: string): number => {
  const cell = row[column]
  return typeof cell === 'number' ? cell : 0
}

/** The charts of each report: groups of columns, drawn over its first column. */
export const chartsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  volume: [['opened', 'closed', 'reopened'], ['backlog']],
  response: [
    ['firstResponseMedianHours', 'firstResponseP90Hours'],
    ['closeMedianHours', 'closeP90Hours'],
  ],
  agents: [['taken', 'comments', 'closed']],
  reopens: [['rate']],
}

/** The most days that are legible side by side. */
const mostDays = 62

/** The rows of days, or of months where there are too many days: counts are added up, the backlog is the last day's. */
export const drawable = (rows: readonly Row[]): readonly Row[] => {
  if (rows.length <= mostDays || !rows.every(({ day }) => typeof day === 'string')) return rows
  const months = Map.groupBy(rows, ({ day }) => String(day).slice(0, 7))
  return [...months].map(([day, days]) => ({
    day,
    ...Object.fromEntries(
      ['opened', 'closed', 'reopened'].map((column) => [
        column,
        days.reduce((sum, row) => sum + numberOf(row, column), 0),
      ]),
    ),
    backlog: days.at(-1)?.['backlog'] ?? null,
  }))
}
