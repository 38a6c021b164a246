import type { Result } from './benchmark.ts'

const [begin, end] = ['<!-- bench: begin -->', '<!-- bench: end -->']

export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 3 })

/** Empty without a bar. */
export const verdict = ({ met }: Result): string => (met === null ? '' : met ? 'met' : '**missed**')

/** The lowest and the highest figure of our own runs. */
const spread = ({ runs }: Result): string => {
  const own = runs['ours'] ?? []
  return own.length === 0 ? '' : `${figure(Math.min(...own))} – ${figure(Math.max(...own))}`
}

export const ratiosOf = ({ ratios }: Result): string =>
  Object.entries(ratios)
    .map(([name, ratio]) => `${figure(ratio)} × ${name}`)
    .join(', ')

const row = (result: Result): string => {
  const cells = [result.name, result.what, `${figure(result.ours)} ${result.unit}`, spread(result)]
  return `| ${[...cells, ratiosOf(result), result.bar ?? '', verdict(result)].join(' | ')} |`
}

/** A Markdown table: for each result our median, the spread of our runs, and the ratios to the others. */
export const tableOf = (results: readonly Result[]): string =>
  ['| case | the work | median | spread | ratio | bar | |', '| --- | --- | --- | --- | --- | --- | --- |']
    .concat(results.map(row))
    .join('\n')

/** The text with this table between its two marks. @throws Error when a mark is missing. */
export const withTable = (text: string, results: readonly Result[], machine: string): string => {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`there is no ${begin} … ${end}`)
  return `${text.slice(0, from)}${begin}\n\n${tableOf(results)}\n\nMeasured on ${machine}.\n\n${text.slice(to)}`
}
