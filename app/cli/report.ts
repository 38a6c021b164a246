import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { writeFileSync } from 'node:fs'
import { csvOf } from '../../adapters/reports/csv.ts'
import { parquetOf } from '../../adapters/reports/parquet.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import {
  columnsOf,
  definitions,
  endsBeforeStart,
  isDay,
  isReportName,
  type ReportFilter,
  type ReportName,
  type ReportRow,
} from '../../projections/reports/reports.ts'
import { reporting } from '../../projections/registry.ts'
import { fileInUse } from '../projections/generations.ts'
import { outdatedIn } from '../projections/read-model-file.ts'
import { openReadModels } from '../projections/read-models.ts'
import { rebuild } from '../projections/rebuild.ts'
import type { Failure } from '../failures.ts'
import { systemPorts } from '../system.ts'
import { invalidArgument, oneOf } from './arguments.ts'
import { print } from './output.ts'
import { tableOf } from './table.ts'

export interface ReportOptions extends ReportFilter {
  readonly format: string
  readonly out?: string
}

export const formats = ['table', 'csv', 'json', 'parquet'] as const
type Format = (typeof formats)[number]

export const reportNames = Object.keys(definitions).filter(isReportName)

export const reportHelp = `
${Object.entries(definitions)
  .map(([name, { title, columns, help }]) => `${name}: ${title}\n  ${Object.keys(columns).join(', ')}\n${help}\n`)
  .join('\n')}
Days are in UTC. Reports contain ids and facts, no names, addresses or texts.
`

/** Brings the reporting tables up to the end of the log, and queries them. */
const rowsOf = async (
  store: EventStore,
  folder: string,
  name: ReportName,
  filter: ReportFilter,
): Promise<readonly ReportRow[]> => {
  const projections = Object.values(reporting)
  // From the first event, a rebuild is many times faster than catching up.
  const file = fileInUse(folder, 'reports')
  if (file === null || outdatedIn(file, projections).length > 0) {
    const ports = { folder, store, onProgress: () => undefined }
    await rebuild(ports, [{ set: 'reports', projections, names: ['reports'] }])
  }
  const write = ({ reason }: { readonly reason?: unknown }, message: string): void =>
    void process.stderr.write(`${message}${typeof reason === 'string' ? `: ${reason}` : ''}\n`)
  const log = { info: write, error: write }
  const models = openReadModels(reporting, { folder, set: 'reports', log, now: systemPorts.clock.now })
  try {
    for (;;) {
      const events = readable(await store.readLog(models.checkpoint(), 1_000)())
      if (events.length === 0) return models.queries().reports.rows(name, filter)
      models.apply(events)
    }
  } finally {
    await models.close()
  }
}

const inFormat = (format: Format, name: ReportName, rows: readonly ReportRow[]): string | Uint8Array => {
  const { columns } = definitions[name]
  switch (format) {
    case 'csv':
      return csvOf(columnsOf(name), rows)
    case 'json':
      return `${JSON.stringify({ columns: columnsOf(name), rows })}\n`
    case 'parquet':
      return parquetOf(columns, rows)
    case 'table':
      return `${tableOf(columns, rows)}\n`
  }
}

const dayArgument = (option: string, day: string | undefined): E.Either<Failure, string | undefined> =>
  day === undefined || isDay(day)
    ? E.right(day)
    : invalidArgument(option, `must be a day such as 2024-05-01, and is "${day}"`)

const requireOrder = (filter: ReportFilter): E.Either<Failure, unknown> =>
  endsBeforeStart(filter)
    ? invalidArgument('--to', `must not be before --from, which is ${filter.from}, and is "${filter.to}"`)
    : E.right(filter)

const output = async (content: string | Uint8Array, out: string | undefined): Promise<void> => {
  if (out !== undefined) writeFileSync(out, content)
  else if (typeof content === 'string') await print(content.replace(/\r?\n$/, ''))
  else process.stdout.write(content)
}

/** `report`: prints a report over all tickets or a part of them, or writes it to a file. */
export const printReport = (
  store: EventStore,
  folder: string,
  report: string,
  { format: wanted, out, ...filter }: ReportOptions,
): TE.TaskEither<Failure, void> =>
  pipe(
    E.Do,
    E.bind('name', () => oneOf('report', report, reportNames)),
    E.bind('format', () => oneOf('--format', wanted, formats)),
    E.tap(() => dayArgument('--from', filter.from)),
    E.tap(() => dayArgument('--to', filter.to)),
    E.tap(() => requireOrder(filter)),
    TE.fromEither,
    TE.flatMap(({ name, format }) =>
      TE.fromTask(async () => output(inFormat(format, name, await rowsOf(store, folder, name, filter)), out)),
    ),
  )
