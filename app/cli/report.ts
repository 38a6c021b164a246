import { writeFileSync } from 'node:fs'
import { csvOf } from '../../adapters/reports/csv.ts'
import { parquetOf } from '../../adapters/reports/parquet.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { columnsOf, definitions, isReportName, type ReportName } from '../../projections/reports/definitions.ts'
import { isDay, type ReportFilter, type ReportRow } from '../../projections/reports/queries.ts'
import { reporting } from '../../projections/registry.ts'
import { fileInUse } from '../projections/generations.ts'
import { outdatedIn } from '../projections/read-model-file.ts'
import { openReadModels } from '../projections/read-models.ts'
import { rebuild } from '../projections/rebuild.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { tableOf } from './table.ts'

export interface ReportOptions extends ReportFilter {
  readonly format: string
  readonly out?: string
}

export const formats = ['table', 'csv', 'json', 'parquet'] as const

export const reportHelp = `
${Object.entries(definitions)
  .map(([name, { title, columns, help }]) => `${name}: ${title}\n  ${Object.keys(columns).join(', ')}\n${help}\n`)
  .join('\n')}
Days are UTC. Reports hold ids and facts, no names, mails or texts.
`

/** The reporting tables brought to the log's end, and asked. */
const rowsOf = async (
  store: EventStore,
  folder: string,
  name: ReportName,
  filter: ReportFilter,
): Promise<readonly ReportRow[]> => {
  const projections = Object.values(reporting)
  const file = fileInUse(folder, 'reports')
  // From the first event on a rebuild is many times faster than catching up.
  if (file === null || outdatedIn(file, projections).length > 0) {
    const ports = { folder, store, onProgress: () => undefined }
    await rebuild(ports, [{ set: 'reports', projections, names: ['reports'] }])
  }
  const say = ({ reason }: { readonly reason?: unknown }, message: string): void =>
    void process.stderr.write(`${message}${typeof reason === 'string' ? `: ${reason}` : ''}\n`)
  const log = { info: say, error: say }
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

const inFormat = (format: string, name: ReportName, rows: readonly ReportRow[]): string | Uint8Array => {
  const { columns } = definitions[name]
  switch (format) {
    case 'csv':
      return csvOf(columnsOf(name), rows)
    case 'json':
      return `${JSON.stringify({ columns: columnsOf(name), rows })}\n`
    case 'parquet':
      return parquetOf(columns, rows)
    default:
      return `${tableOf(columns, rows)}\n`
  }
}

/** `report`: prints a report over all tickets or a part of them, or writes it to a file. */
export const printReport = async (
  store: EventStore,
  folder: string,
  name: string,
  { format, out, ...filter }: ReportOptions,
): Promise<void> => {
  if (!isReportName(name)) {
    throw new Failure(`there is no report "${name}"; they are ${Object.keys(definitions).join(', ')}`)
  }
  if (!formats.some((each) => each === format)) throw new Failure(`--format: must be one of ${formats.join(', ')}`)
  for (const [option, day] of [
    ['--from', filter.from],
    ['--to', filter.to],
  ] as const) {
    if (day !== undefined && !isDay(day)) throw new Failure(`${option}: "${day}" is no day such as 2024-05-01`)
  }
  const content = inFormat(format, name, await rowsOf(store, folder, name, filter))
  if (out !== undefined) writeFileSync(out, content)
  else if (typeof content === 'string') await print(content.replace(/\r?\n$/, ''))
  else process.stdout.write(content)
}
