import type { Database } from 'better-sqlite3'
import MiniSearch from 'minisearch'

/** Each distinct word of a scope once: an account's, or all accounts' for support (rulings, 22). */

/** Scopes whose words are held in memory at once; the one used longest ago goes first. */
const scopesInMemory = 200
const corrections = 12

type Words = MiniSearch<{ readonly id: string }>

const emptyIndex = (): Words =>
  new MiniSearch({ fields: ['id'], tokenize: (text) => [text], processTerm: (term) => term })

/** One edit below six letters, two from six on (performance, "Typing slips"). */
const editsFor = (word: string): number => (word.length < 3 ? 0 : word.length < 6 ? 1 : 2)

/** A swap of two letters is one slip of the fingers, and two edits to MiniSearch. */
const swaps = (word: string): string[] =>
  Array.from({ length: Math.max(0, word.length - 1) }, (_, at) =>
    [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join(''),
  )

export const vocabulary = (db: Database) => {
  const all = db.prepare<[number], string>('SELECT word FROM search_vocabulary WHERE scope = ?').pluck()
  const known = db
    .prepare<[number, string], number>('SELECT 1 FROM search_vocabulary WHERE scope = ? AND word = ?')
    .pluck()
  const loaded = new Map<number, { readonly index: Words; size: number }>()
  const size = db.prepare<[number], number>('SELECT n FROM search_scopes WHERE scope = ?').pluck()

  /** The scope's words in memory, made anew only when words were added. */
  const indexOf = (scope: number): Words => {
    const words = size.get(scope) ?? 0
    let held = loaded.get(scope)
    if (held === undefined || held.size !== words) {
      const index = held?.index ?? emptyIndex()
      for (const word of all.all(scope)) if (!index.has(word)) index.add({ id: word })
      held = { index, size: words }
    }
    loaded.delete(scope)
    loaded.set(scope, held)
    const [oldest] = loaded.keys()
    if (loaded.size > scopesInMemory && oldest !== undefined) loaded.delete(oldest)
    return held.index
  }

  return {
    has: (scope: number, word: string): boolean => known.get(scope, word) !== undefined,
    /** Real words that a slip of the fingers may have been meant for, the nearest first. */
    near: (scope: number, word: string): readonly string[] => {
      const edits = editsFor(word)
      if (edits === 0) return []
      const swapped = swaps(word).filter((each) => known.get(scope, each) !== undefined)
      const found = indexOf(scope).search(word, { fuzzy: edits, prefix: false }).slice(0, corrections)
      return [...new Set([...swapped, ...found.map(({ id }) => String(id))])]
    },
  }
}
