import Papa from 'papaparse'

/** The most lines that are shown. */
const mostLines = 1_000

/** Draws a CSV as a table of plain texts: a formula is shown, not evaluated. */
export const drawTable = (text: string, place: HTMLElement): void => {
  const { data } = Papa.parse<readonly string[]>(text, { preview: mostLines, skipEmptyLines: true })
  const table = document.createElement('table')
  for (const [n, line] of data.entries()) {
    const row = table.insertRow()
    for (const field of line) {
      const cell = document.createElement(n === 0 ? 'th' : 'td')
      if (n === 0) cell.setAttribute('scope', 'col')
      cell.textContent = field
      row.append(cell)
    }
  }
  const frame = document.createElement('div')
  frame.tabIndex = 0
  frame.append(table)
  place.replaceChildren(frame)
}
