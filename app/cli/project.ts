import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { ReportRow } from '../../projections/reports/reports.ts'
import type { Failure } from '../failures.ts'
import { project, type Projected } from '../project/run.ts'
import { endProgress, print, progressLine, elapsedSeconds } from './output.ts'
import { tableOf } from './table.ts'

const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null

const cellOf = (value: unknown): ReportRow[string] => {
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value
  return Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value)
}

const tableOfRows = ({ columns, rows }: Projected): string => {
  const kinds = columns.map((name) => [name, rows.every((row) => isNumber(row[name])) ? 'count' : 'text'] as const)
  const cells = rows.map((row) => Object.fromEntries(columns.map((name) => [name, cellOf(row[name])])))
  return tableOf(Object.fromEntries(kinds), cells)
}

/** `project`: runs a module's projection over the whole log into a SQLite file, and prints the rows of its query. */
export const runProject = (store: EventStore, module: string, out: string): TE.TaskEither<Failure, void> => {
  const started = performance.now()
  return pipe(
    project(store, module, out, (n) => progressLine(`${n} events`)),
    TE.flatMap((projected) =>
      TE.fromTask(async () => {
        endProgress()
        if (projected.columns.length > 0) await print(tableOfRows(projected))
        const skipped = projected.unknown === 0 ? '' : `, ${projected.unknown} of unknown types skipped`
        process.stderr.write(`${projected.events} events${skipped} into ${out} in ${elapsedSeconds(started)} s\n`)
      }),
    ),
  )
}
