/** A column and, at compile time only, the type of its values. */
export interface Column<V> {
  readonly sql: string
  /** Never set: carries the type. */
  readonly value?: V
}

/** A text of a narrower type, such as a status. The caller vouches that nothing else is written. */
export const textOf = <V extends string>(): Column<V> => ({ sql: 'TEXT NOT NULL' })
export const text = textOf<string>()
export const integer: Column<number> = { sql: 'INTEGER NOT NULL' }
export const nullable = <V>({ sql }: Column<V>): Column<V | null> => ({ sql: sql.replace(' NOT NULL', '') })

type Columns = Readonly<Record<string, Column<string | number | null>>>
type ValueOf<C> = C extends Column<infer V> ? V : never

/** A STRICT table, described once: its SQL, the type of its rows, and what a row cache needs to know. */
export interface Table<R, K extends readonly unknown[] = readonly unknown[]> {
  readonly name: string
  /** `CREATE TABLE …;` */
  readonly sql: string
  /** The unique key, in its order. */
  readonly key: readonly (keyof R & string)[]
  /** The columns beside the key. */
  readonly others: readonly (keyof R & string)[]
  /** Never set: carries the type of a row. */
  readonly row?: R
  /** Never set: carries the types of the key's columns, in their order. */
  readonly keyValues?: K
  /** Rows lie in the order of the key (`WITHOUT ROWID`), not in that of their insertion. */
  readonly isClustered: boolean
}

/** A table's row; its key never changes. */
export type RowOf<T> = T extends Table<infer R> ? R : never

type KeyOf<C extends Columns, K extends readonly (keyof C)[]> = { readonly [I in keyof K]: ValueOf<C[K[I]]> }

type Row<C extends Columns, K extends keyof C> = { readonly [N in K]: ValueOf<C[N]> } & {
  -readonly [N in Exclude<keyof C, K>]: ValueOf<C[N]>
}

/**
 * Describes a table by its columns and its key. With `numbered`, rows are numbered in the order of their insertion in
 * an `INTEGER PRIMARY KEY` of that name, which is not part of the row.
 */
export const defineTable = <C extends Columns, const K extends readonly (keyof C & string)[]>(
  name: string,
  columns: C,
  { key, numbered }: { readonly key: K; readonly numbered?: string },
): Table<Row<C, K[number]>, KeyOf<C, K>> => {
  const isKey = (column: string): boolean => key.some((each) => each === column)
  const names: readonly (keyof C & string)[] = Object.keys(columns)
  const lines = names.map((column) => `${column} ${columns[column]?.sql ?? ''}`)
  const unique = `${numbered === undefined ? 'PRIMARY KEY' : 'UNIQUE'} (${key.join(', ')})`
  const number = numbered === undefined ? [] : [`${numbered} INTEGER PRIMARY KEY`]
  const options = numbered === undefined ? 'STRICT, WITHOUT ROWID' : 'STRICT'
  return {
    name,
    sql: `CREATE TABLE ${name} (\n  ${[...number, ...lines, unique].join(',\n  ')}\n) ${options};\n`,
    key,
    others: names.filter((column): column is Exclude<keyof C, K[number]> & string => !isKey(column)),
    isClustered: numbered === undefined,
  }
}
