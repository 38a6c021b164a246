import { get, type Answer } from './api.ts'
import { save } from './save.ts'

/** A report as the server lists it. */
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

/** What is asked of a report: days, both included, and a category; nothing asks for all. */
export const reportPath = (name: string, query: URLSearchParams): string => {
  const asked = new URLSearchParams()
  for (const part of ['from', 'to', 'category']) {
    const value = query.get(part) ?? ''
    if (value !== '') asked.set(part, value)
  }
  return asked.size === 0 ? `/v1/reports/${name}` : `/v1/reports/${name}?${asked}`
}

export const readReport = (path: string): Promise<Answer<Report>> => get<Report>(path)

/** Lets the browser keep a report as the server writes it for spreadsheets. */
export const saveCsv = (name: string, path: string): Promise<Answer<string>> => save(path, 'text/csv', `${name}.csv`)

export const numberOf = (row: Row, column: string): number => {
  const cell = row[column]
  return typeof cell === 'number' ? cell : 0
}

/** What a report is drawn as: charts of some of its columns, by its first. */
export const chartsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  volume: [['opened', 'closed', 'reopened'], ['backlog']],
  response: [
    ['firstResponseMedianHours', 'firstResponseP90Hours'],
    ['closeMedianHours', 'closeP90Hours'],
  ],
  agents: [['taken', 'comments', 'closed']],
  reopens: [['rate']],
}

/** So many days can be told apart side by side. */
const mostDays = 62

/** Days as they are, or, where they are too many, months: what happened is added up, what stands is that of the last day. */
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
