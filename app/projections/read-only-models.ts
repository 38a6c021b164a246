import Sqlite, { type Database } from 'better-sqlite3'
import * as E from 'fp-ts/lib/Either.js'
import type { Projection, Queries } from '../../projections/projection.ts'
import type { ReadableModels } from '../../adapters/http/readers.ts'

/** Which file a set of read models is answered from, and what it cannot answer. */
export interface Source {
  readonly file: string
  readonly ready: boolean
  /** The reason for each read model that is still being built, by its key. */
  readonly notReady: Readonly<Record<string, string>>
}

/** The queries of a set, from a read-only connection of this thread's own. */
export interface ReadOnlyModels<M> {
  /** @throws SqliteError where the file cannot be opened. */
  readonly from: (source: Source) => ReadableModels<M>
  readonly close: () => void
}

const cacheKiB = 16_000

interface OpenFile {
  readonly file: string
  readonly db: Database
  readonly queries: Map<string, unknown>
}

const openFile = (file: string): OpenFile => {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 1_000 })
  db.pragma(`cache_size = -${cacheKiB}`)
  return { file, db, queries: new Map() }
}

/** Holds one file open; a source that names another, as after a rebuild, closes it. */
export const readOnlyModels = <M extends Readonly<Record<string, Projection<unknown>>>>(
  models: M,
): ReadOnlyModels<M> => {
  let opened: OpenFile | undefined
  const close = (): void => {
    opened?.db.close()
    opened = undefined
  }
  const open = (file: string): OpenFile => {
    if (opened?.file === file) return opened
    close()
    opened = openFile(file)
    return opened
  }
  return {
    from: ({ file, ready, notReady }) => ({
      ready: () => ready,
      query: <K extends keyof M & string>(name: K) => {
        const reason = notReady[name]
        if (reason !== undefined) return E.left({ tag: 'NotReady', reason })
        const { db, queries } = open(file)
        const made = queries.get(name) ?? models[name]?.queries(db)
        queries.set(name, made)
        return E.right(made as Queries<M>[K])
      },
    }),
    close,
  }
}
