import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get, type Problem } from '../api.ts'
import { categories, categoryName } from '../categories.ts'
import { shownNumber } from '../format.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { Chart } from '../parts/chart.tsx'
import {
  chartsOf,
  drawable,
  readReport,
  reportPath,
  saveCsv,
  type Cell,
  type ListedReport,
  type Report,
} from '../report.ts'
import { address, go } from '../router.ts'
import { columnName, words } from '../words.ts'

/** The most rows that the page shows; the CSV file has all. */
const mostRows = 500

const shown = (column: string, cell: Cell | undefined): string => {
  if (cell === null || cell === undefined) return words.none
  if (typeof cell === 'number') return shownNumber(cell)
  return column === 'category' ? categoryName(cell) : cell
}

const Table = ({ report, title }: { readonly report: Report; readonly title: string }) => {
  const numbers = new Set(report.columns.filter((column) => report.rows.some((row) => typeof row[column] === 'number')))
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
      <table class="report">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            {report.columns.map((column) => (
              <th key={column} scope="col" class={numbers.has(column) ? 'number' : ''}>
                {columnName(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.rows.slice(0, mostRows).map((row, n) => (
            <tr key={n}>
              {report.columns.map((column) => (
                <td key={column} class={numbers.has(column) ? 'number' : ''}>
                  {shown(column, row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const set = (name: string, value: string): void => {
  const next = new URLSearchParams(address.value.query)
  if (value === '') next.delete(name)
  else next.set(name, value)
  go(`/reports?${next}`)
}

const Narrowing = () => {
  const { query } = address.value
  return (
    <>
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
      <label class="inline">
        <span>{words.category}</span>
        <select
          value={query.get('category') ?? ''}
          onChange={({ currentTarget }) => set('category', currentTarget.value)}
        >
          <option value="">{words.allCategories}</option>
          {categories.value.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  )
}

const Shown = ({ report, listed }: { readonly report: Report; readonly listed: ListedReport }) => {
  const [label = ''] = report.columns
  const rows = drawable(report.rows)
  if (rows.length === 0) return <p role="status">{words.noRows}</p>
  return (
    <>
      {chartsOf[listed.name]?.map((series) => (
        <Chart key={series.join()} rows={rows} label={label} series={series} />
      ))}
      <Table report={report} title={listed.title} />
      {report.rows.length > mostRows && <p class="quiet">{words.firstRows(mostRows, report.rows.length)}</p>}
    </>
  )
}

/** The reports, each as charts and a table. The address holds the chosen report and filter. */
export const Reports = () => {
  useTitle(words.reports)
  const list = useSignal<readonly ListedReport[]>([])
  const report = useSignal<Report | null>(null)
  const problem = useSignal<Problem | null>(null)
  const { query } = address.value
  const chosen = list.value.find(({ name }) => name === query.get('name')) ?? list.value[0]
  const path = chosen === undefined ? null : reportPath(chosen.name, query)
  useEffect(() => {
    void get<{ readonly items: readonly ListedReport[] }>('/v1/reports').then((answer) => {
      if (answer.ok) list.value = answer.value.items
      else problem.value = answer.problem
    })
  }, [])
  useEffect(() => {
    if (path === null) return undefined
    let isWanted = true
    report.value = null
    void readReport(path).then((answer) => {
      if (!isWanted) return
      problem.value = answer.ok ? null : answer.problem
      if (answer.ok) report.value = answer.value
    })
    return () => {
      isWanted = false
    }
  }, [path])
  const save = async (): Promise<void> => {
    if (chosen === undefined || path === null) return
    const answer = await saveCsv(chosen.name, path)
    problem.value = answer.ok ? null : answer.problem
  }
  return (
    <>
      <h1>{words.reports}</h1>
      {problem.value !== null && <Failed problem={problem.value} />}
      {chosen !== undefined && (
        <>
          <div class="toolbar" role="group" aria-label={words.reports}>
            {list.value.map(({ name, title }) => (
              <button key={name} type="button" aria-pressed={name === chosen.name} onClick={() => set('name', name)}>
                {title}
              </button>
            ))}
          </div>
          <div class="toolbar">
            <Narrowing />
            <button type="button" onClick={() => void save()}>
              {words.downloadCsv}
            </button>
          </div>
        </>
      )}
      {chosen !== undefined && report.value !== null && <Shown report={report.value} listed={chosen} />}
      {report.value === null && problem.value === null && <Loading />}
    </>
  )
}
