import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Position } from '../../../domain/event-log/envelope.ts'

/**
 * What a log is known to hold up to a record that was read, so that `$all` is never searched twice. `first` and `last`
 * are the positions of its first and last event, null where it has none. No event of the log stands between `last` and
 * the record `upTo`, which may be of any program; its id tells whether a cluster still has it.
 */
export const Searched = t.readonly(
  t.strict({
    first: t.union([Position, t.null]),
    last: t.union([Position, t.null]),
    upTo: t.readonly(t.strict({ commit: Position, prepare: Position, id: t.string })),
  }),
)
export type Searched = t.TypeOf<typeof Searched>

/** What is kept: it holds for these prefixes only. */
const Kept = t.strict({ prefixes: t.readonlyArray(t.string), searched: Searched })

export interface SearchedFile {
  /** Null where nothing usable is kept. */
  readonly load: (prefixes: readonly string[]) => Searched | null
  /** Keeps it where that is possible: without it a start searches everything again. */
  readonly save: (prefixes: readonly string[], searched: Searched) => void
}

export const nothingKept: SearchedFile = { load: () => null, save: () => undefined }

/** In a file, replaced as a whole. */
export const searchedFile = (path: string): SearchedFile => ({
  load: (prefixes) => {
    try {
      const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
      const kept = Kept.decode(parsed)
      if (isLeft(kept)) return null
      return kept.right.prefixes.join() === prefixes.join() ? kept.right.searched : null
    } catch {
      return null
    }
  },
  save: (prefixes, searched) => {
    const next = `${path}.${process.pid}.tmp`
    try {
      writeFileSync(next, JSON.stringify({ prefixes, searched }), { mode: 0o600 })
      renameSync(next, path)
    } catch {
      rmSync(next, { force: true })
    }
  },
})
