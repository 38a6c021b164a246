import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { ReportRow } from '../../projections/reports/queries.ts'
import { loadProjection, ProjectError } from '../project/module.ts'
import { project } from '../project/run.ts'
import { Failure } from './failure.ts'
import { endProgress, print, progressLine } from './output.ts'
import { tableOf } from './table.ts'

const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null

const cellOf = (value: unknown): ReportRow[string] => {
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value
  return Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value)
}

/** `project`: runs an analyst's module over the whole log into a SQLite file, and prints what it asks for. */
export const runProject = async (store: EventStore, module: string, out: string): Promise<void> => {
  const started = performance.now()
  try {
    const projection = await loadProjection(module)
    const { events, unknown, columns, rows } = await project(store, projection, out, (n) => progressLine(`${n} events`))
    endProgress()
    const kinds = columns.map((name) => [name, rows.every((row) => isNumber(row[name])) ? 'count' : 'text'] as const)
    const cells = rows.map((row) => Object.fromEntries(columns.map((name) => [name, cellOf(row[name])])))
    if (columns.length > 0) await print(tableOf(Object.fromEntries(kinds), cells))
    const seconds = Math.round(performance.now() - started) / 1000
    const passedOver = unknown === 0 ? '' : `, ${unknown} of unknown types passed over`
    process.stderr.write(`${events} events${passedOver} into ${out} in ${seconds} s\n`)
  } catch (error) {
    if (error instanceof ProjectError) throw new Failure(error.message)
    throw error
  }
}
