import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get, type Problem } from '../api.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { address, go } from '../router.ts'
import { words } from '../words.ts'

interface Listed {
  readonly name: string
  readonly title: string
  readonly columns: readonly string[]
}
type Cell = string | number | null
interface Report {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}

const quoted = (cell: Cell): string => {
  const text = cell === null ? '' : String(cell)
  // A spreadsheet must read what stands there, not reckon it (OWASP, "CSV Injection").
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const csvOf = ({ columns, rows }: Report): string =>
  [columns.join(','), ...rows.map((row) => columns.map((column) => quoted(row[column] ?? null)).join(','))].join('\r\n')

const save = (name: string, report: Report): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([csvOf(report)], { type: 'text/csv' }))
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(link.href)
}

const shown = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '–' : typeof cell === 'number' ? cell.toLocaleString('en') : cell

const Table = ({ report, title }: { readonly report: Report; readonly title: string }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={title}>
    <table>
      <thead>
        <tr>
          {report.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {report.rows.map((row, n) => (
          <tr key={n}>
            {report.columns.map((column) => (
              <td key={column} class={typeof row[column] === 'number' ? 'number' : ''}>
                {shown(row[column])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

/** The reports, a tab each; what is chosen stands in the address. */
export const Reports = () => {
  useTitle(words.reports)
  const list = useSignal<readonly Listed[] | null>(null)
  const report = useSignal<Report | null>(null)
  const problem = useSignal<Problem | null>(null)
  const { query } = address.value
  const chosen = list.value?.find(({ name }) => name === query.get('name')) ?? list.value?.[0]
  useEffect(() => {
    void get<{ readonly items: readonly Listed[] }>('/v1/reports').then((answer) => {
      if (answer.ok) list.value = answer.value.items
      else problem.value = answer.problem
    })
  }, [])
  useEffect(() => {
    if (chosen === undefined) return
    report.value = null
    const asked = new URLSearchParams()
    for (const name of ['from', 'to']) if (query.get(name)) asked.set(name, query.get(name) ?? '')
    void get<Report>(`/v1/reports/${chosen.name}?${asked}`).then((answer) => {
      problem.value = answer.ok ? null : answer.problem
      if (answer.ok) report.value = answer.value
    })
  }, [chosen?.name, query.get('from'), query.get('to')])
  const set = (name: string, value: string): void => {
    const next = new URLSearchParams(query)
    if (value === '') next.delete(name)
    else next.set(name, value)
    go(`/reports?${next}`)
  }
  return (
    <>
      <h1>{words.reports}</h1>
      {problem.value !== null && <Failed problem={problem.value} />}
      {list.value === null && problem.value === null && <Loading />}
      {chosen !== undefined && (
        <>
          <div class="toolbar">
            {list.value?.map(({ name, title }) => (
              <button key={name} type="button" aria-pressed={name === chosen.name} onClick={() => set('name', name)}>
                {title}
              </button>
            ))}
            {(['from', 'to'] as const).map((name) => (
              <label key={name} class="inline">
                <span>{words[name]}</span>
                <input
                  type="date"
                  value={query.get(name) ?? ''}
                  onChange={({ currentTarget }) => set(name, currentTarget.value)}
                />
              </label>
            ))}
            {report.value !== null && (
              <button type="button" onClick={() => report.value !== null && save(chosen.name, report.value)}>
                {words.downloadCsv}
              </button>
            )}
          </div>
          {report.value === null ? <Loading /> : <Table report={report.value} title={chosen.title} />}
        </>
      )}
    </>
  )
}
