import type { Database, Statement } from 'better-sqlite3'

export type Value = string | number | null

/** A row's columns hold what SQLite stores; the compiler only knows that they are the row's. */
export const valueOf = <R>(row: R, column: keyof R): Value => row[column] as Value

/** Rows per statement: a third of the cost of writing one row is the statement's own. */
const width = 32

/** Writes rows in their order. `onConflict` is the SQL for a row whose key exists. */
export const rowWriter = <R>(
  db: Database,
  table: string,
  columns: readonly (keyof R & string)[],
  onConflict: string,
): ((rows: readonly R[]) => void) => {
  const insert = (rows: number): Statement<[readonly Value[]]> => {
    const row = `(${columns.map(() => '?').join(', ')})`
    const values = Array.from({ length: rows }, () => row).join(', ')
    return db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values} ON CONFLICT ${onConflict}`)
  }
  const one = insert(1)
  let many: Statement<[readonly Value[]]> | undefined
  const statementFor = (rows: number) => (rows === 1 ? one : (many ??= insert(width)))

  return (rows) => {
    let at = 0
    while (at < rows.length) {
      const end = at + width <= rows.length ? at + width : at + 1
      const values: Value[] = []
      for (let n = at; n < end; n++) {
        const row = rows[n]
        if (row !== undefined) for (const column of columns) values.push(valueOf(row, column))
      }
      statementFor(end - at).run(values)
      at = end
    }
  }
}
