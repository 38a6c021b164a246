import { parquetWriteBuffer, type BasicType } from 'hyparquet-writer'
import type { ColumnKind, ReportRow } from '../../projections/reports/reports.ts'

type Value = ReportRow[string]

/** The Parquet type and value of each kind of column; times are timestamps in milliseconds. */
const stored: Readonly<Record<ColumnKind, { readonly type: BasicType; readonly value: (value: Value) => unknown }>> = {
  text: { type: 'STRING', value: (value) => value },
  day: { type: 'STRING', value: (value) => value },
  time: { type: 'TIMESTAMP', value: (value) => (value === null ? null : new Date(value)) },
  count: { type: 'INT32', value: (value) => value },
  fraction: { type: 'DOUBLE', value: (value) => value },
}

/** A report as an Apache Parquet file. */
export const parquetOf = (columns: Readonly<Record<string, ColumnKind>>, rows: readonly ReportRow[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      createdBy: 'ledgerdesk',
      columnData: Object.entries(columns).map(([name, kind]) => ({
        name,
        type: stored[kind].type,
        data: rows.map((row) => stored[kind].value(row[name] ?? null)),
      })),
    }),
  )
