import { stringify } from 'csv-stringify/sync'
import type { ReportRow } from '../../projections/reports/reports.ts'

/**
 * RFC 4180 with a header line. A value that a spreadsheet would run as a formula is prefixed with an apostrophe, since ids
 * are chosen by other systems.
 */
export const csvOf = (columns: readonly string[], rows: readonly ReportRow[]): string =>
  stringify([...rows], { header: true, columns: [...columns], escape_formulas: true, record_delimiter: '\r\n' })
