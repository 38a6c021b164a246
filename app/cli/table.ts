import type { ColumnKind, ReportRow } from '../../projections/reports/reports.ts'

const shown = (kind: ColumnKind, value: ReportRow[string]): string => {
  if (value === null) return ''
  if (typeof value === 'number') return kind === 'fraction' ? value.toFixed(2) : String(value)
  // Ids are chosen by other systems: control characters could move the cursor of a terminal.
  return value.replaceAll(/\p{Cc}/gu, ' ')
}

/** A text table with a header line; numbers are aligned to the right. */
export const tableOf = (columns: Readonly<Record<string, ColumnKind>>, rows: readonly ReportRow[]): string => {
  const cells = Object.entries(columns).map(([name, kind]) => ({
    isNumber: kind === 'count' || kind === 'fraction',
    lines: [name, ...rows.map((row) => shown(kind, row[name] ?? null))],
  }))
  const padded = cells.map(({ isNumber, lines }) => {
    const width = lines.reduce((most, line) => Math.max(most, line.length), 0)
    return lines.map((line) => (isNumber ? line.padStart(width) : line.padEnd(width)))
  })
  return Array.from({ length: rows.length + 1 }, (_, at) =>
    padded
      .map((lines) => lines[at])
      .join('  ')
      .trimEnd(),
  ).join('\n')
}
