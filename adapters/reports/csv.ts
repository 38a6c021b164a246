import { stringify } from 'csv-stringify/sync'
import type { ReportRow } from '../../projections/reports/queries.ts'

/**
 * RFC 4180 with a header line. A value that a spreadsheet would run as a formula gets an apostrophe before it: ids come
 * from elsewhere.
 */
export const csvOf = (columns: readonly string[], rows: readonly ReportRow[]): string =>
  stringify([...rows], { header: true, columns: [...columns], escape_formulas: true, record_delimiter: '\r\n' })
