import Sqlite, { type Database } from 'better-sqlite3'
import * as E from 'fp-ts/lib/Either.js'
import type { Projection, Queries } from '../../projections/projection.ts'
import type { ReadableModels } from '../../adapters/http/readers.ts'

/** Which file a set of read models is answered from, and what it cannot answer. */
export interface Source {
  readonly file: string
  /** Counts what was opened: a file that was made anew has the same path, and another content. */
  readonly opening: number
  readonly ready: boolean
  /** Until they are ready, the share of the log that they hold (0 to 1); null where it is not known. */
  readonly progress: number | null
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
  readonly opening: number
  readonly db: Database
  readonly queries: Map<string, unknown>
}

const openFile = ({ file, opening }: Source): OpenFile => {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 1_000 })
  db.pragma(`cache_size = -${cacheKiB}`)
  return { file, opening, db, queries: new Map() }
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
  const open = (source: Source): OpenFile => {
    if (opened?.file === source.file && opened.opening === source.opening) return opened
    close()
    opened = openFile(source)
    return opened
  }
  return {
    from: (source) => ({
      ready: () => source.ready,
      progress: () => source.progress,
      query: <K extends keyof M & string>(name: K) => {
        const reason = source.notReady[name]
        if (reason !== undefined) return E.left({ tag: 'NotReady', reason })
        const { db, queries } = open(source)
        const made = queries.get(name) ?? models[name]?.queries(db)
        queries.set(name, made)
        return E.right(made as Queries<M>[K])
      },
    }),
    close,
  }
}
