import { categoryName } from '../categories.ts'
import { shownNumber } from '../format.ts'
import { numberOf, type Row } from '../report.ts'
import { columnName, words } from '../words.ts'

const height = 200
const below = 24
const percent = (share: number): string => `${(share * 100).toFixed(3)}%`
const nameOf = (label: string, row: Row): string => {
  const name = String(row[label] ?? words.none)
  return label === 'category' ? categoryName(name) : name
}

/** The next round number whose half is round too. */
const ceilingOf = (most: number): number => {
  if (most <= 0) return 1
  const step = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * step).find((round) => round >= most) ?? most
}

interface Drawn {
  readonly rows: readonly Row[]
  /** The column that names a row. */
  readonly label: string
  readonly series: readonly string[]
}

/** Vertical bars in the order of time. */
const Columns = ({ rows, label, series }: Drawn) => {
  const top = ceilingOf(Math.max(...rows.flatMap((row) => series.map((column) => numberOf(row, column)))))
  const slot = 1 / rows.length
  const bar = (slot * 0.8) / series.length
  const every = Math.ceil(rows.length / 6)
  return (
    <svg height={height + below + 8} width="100%" role="img" aria-label={series.map(columnName).join(', ')}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="grid" x1="0" x2="100%" y1={8 + height * (1 - share)} y2={8 + height * (1 - share)} />
          {share > 0 && (
            <text x="0" y={8 + height * (1 - share) + 14}>
              {shownNumber(top * share)}
            </text>
          )}
        </g>
      ))}
      {rows.map((row, n) => (
        <g key={nameOf(label, row)}>
          {series.map((column, nth) => {
            const tall = (numberOf(row, column) / top) * height
            return (
              <rect
                key={column}
                class={`series-${nth}`}
                x={percent(n * slot + slot * 0.1 + nth * bar)}
                width={percent(bar)}
                y={8 + height - tall}
                height={tall}
              >
                <title>{`${nameOf(label, row)}: ${columnName(column)} ${shownNumber(numberOf(row, column))}`}</title>
              </rect>
            )
          })}
          {n % every === 0 && (
            <text
              class={(n / every) % 2 === 1 ? 'where-wide' : undefined}
              x={percent(n * slot + slot * 0.1)}
              y={8 + height + 18}
            >
              {nameOf(label, row)}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}

/** Horizontal bars, a group for each row. */
const Bars = ({ rows, label, series }: Drawn) => {
  const top = Math.max(...rows.flatMap((row) => series.map((column) => numberOf(row, column)))) || 1
  return (
    <dl class="bars">
      {rows.map((row) => (
        <div key={nameOf(label, row)}>
          <dt>{nameOf(label, row)}</dt>
          {series.map((column, nth) => (
            <dd key={column}>
              <svg height="14" width="100%" aria-hidden="true">
                <rect
                  class={`series-${nth}`}
                  width={percent((numberOf(row, column) / top) * 0.85)}
                  height="14"
                  rx="3"
                />
              </svg>
              <span class="unseen">{columnName(column)} </span>
              <span>{typeof row[column] === 'number' ? shownNumber(numberOf(row, column)) : words.none}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  )
}

/** A chart of some columns of a report with its legend. The table beside it has every number. */
export const Chart = (drawn: Drawn) => (
  <figure class="card chart">
    <figcaption>
      {drawn.series.map((column, nth) => (
        <span key={column}>
          <svg width="12" height="12" aria-hidden="true">
            <rect class={`series-${nth}`} width="12" height="12" rx="3" />
          </svg>{' '}
          {columnName(column)}
        </span>
      ))}
    </figcaption>
    {drawn.label === 'day' ? <Columns {...drawn} /> : <Bars {...drawn} />}
  </figure>
)
