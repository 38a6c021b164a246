import type { Database, Statement } from 'better-sqlite3'

type Value = string | number | null

/** A table as its handlers hold it: rows by their key, read when first asked for, written once for a batch. */
export interface Rows<R> {
  /** The row of a key; the caller may change it, and then says so with `put`. */
  readonly get: (...key: readonly string[]) => R | undefined
  /** Keeps a new or changed row, to be written with the batch. */
  readonly put: (row: R) => void
  /** Whether every row of the table is in memory. */
  readonly isWhole: () => boolean
}

/** What holds rows in memory: the batch's end is to write them, and what anybody else may have changed is to be forgotten. */
export interface Held {
  readonly settle: () => void
  readonly forget: () => void
}

/** Beyond so many rows of a table, those that are written are forgotten even where nobody else writes. */
const most = 1_000_000

const separator = '\u0000'

/**
 * Holds a table's rows by their text keys. `alone`: nobody else writes to the file while it is open, so rows stay in
 * memory from batch to batch, and of a table that was empty what is not held is not there: nothing is looked up twice.
 */
export const holdRows = <R extends object>(
  db: Database,
  table: string,
  key: readonly (keyof R & string)[],
  others: readonly (keyof R & string)[],
  alone: boolean,
): Rows<R> & Held => {
  const columns = [...key, ...others]
  const where = key.map((column) => `${column} = ?`).join(' AND ')
  // the primary key, or a unique index over the same columns
  const find = db.prepare<string[], R>(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${where}`)
  const write = db.prepare<Value[]>(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  )
  const held = new Map<string, R>()
  const changed = new Map<string, R>()
  /** Rows as they stand in the table, where each column that is written costs its indexes. */
  const standing = new Map<string, R>()
  const updates = new Map<string, Statement<Value[]>>()
  let whole = alone && db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined
  // The columns of a row hold what SQLite stores; the compiler knows only that they are the row's.
  const valueOf = (row: R, column: keyof R): Value => row[column] as Value
  const nameOf = (row: R): string =>
    key.length === 1 && key[0] !== undefined
      ? String(row[key[0]])
      : key.map((column) => String(row[column])).join(separator)

  /** Only the columns that changed. */
  const update = (before: R, row: R): void => {
    const news = others.filter((column) => before[column] !== row[column])
    if (news.length === 0) return
    const text = news.map((column) => `${column} = ?`).join(', ')
    let statement = updates.get(text)
    if (statement === undefined) {
      statement = db.prepare<Value[]>(`UPDATE ${table} SET ${text} WHERE ${where}`)
      updates.set(text, statement)
    }
    statement.run(...news.map((column) => valueOf(row, column)), ...key.map((column) => valueOf(row, column)))
  }

  const empty = (): void => {
    held.clear()
    standing.clear()
    whole = false
  }

  return {
    get: (...of) => {
      const name = of.length === 1 ? String(of[0]) : of.join(separator)
      const known = held.get(name)
      if (known !== undefined || whole) return known
      const found = find.get(...of)
      if (found === undefined) return undefined
      held.set(name, found)
      if (!alone) standing.set(name, { ...found })
      return found
    },
    put: (row) => {
      const name = nameOf(row)
      held.set(name, row)
      changed.set(name, row)
    },
    isWhole: () => whole,
    settle: () => {
      for (const [name, row] of changed) {
        const before = standing.get(name)
        if (before === undefined) write.run(...columns.map((column) => valueOf(row, column)))
        else update(before, row)
      }
      changed.clear()
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      changed.clear()
      empty()
    },
  }
}

/** Several tables as one. */
export const together = (...tables: readonly Held[]): Held => ({
  settle: () => {
    for (const { settle } of tables) settle()
  },
  forget: () => {
    for (const { forget } of tables) forget()
  },
})
