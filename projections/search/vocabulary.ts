import type { Database } from 'better-sqlite3'
import MiniSearch from 'minisearch'
import { editsBetween } from './edits.ts'

/** Each distinct word of a scope once. A scope is an account, or all accounts for support. */

/** The most words in memory; the least recently used scope is evicted first. */
const wordsInMemory = 400_000
/** The most real words at each distance that replace a typing error. */
const corrections = 12

/** The most edits for a word: one below six letters, two from six on. */
const editsFor = (word: string): number => (word.length < 3 ? 0 : word.length < 6 ? 1 : 2)

/** Swaps of neighbouring letters: one typing error, but two edits to MiniSearch. */
const swaps = (word: string): string[] =>
  Array.from({ length: Math.max(0, word.length - 1) }, (_, at) =>
    [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join(''),
  )

/** Many words form one MiniSearch document: only its term tree is used, and documents cost memory. */
interface Page {
  readonly id: number
  readonly words: string
}

const split = (text: string): string[] => text.split(' ')
const emptyIndex = (): MiniSearch<Page> =>
  new MiniSearch({ fields: ['words'], tokenize: split, processTerm: (term) => term })

/** A real word, and its edit distance to the one that was typed. */
export interface Near {
  readonly word: string
  readonly edits: number
}

export const vocabulary = (db: Database) => {
  // search_words_by_number
  const since = db
    .prepare<[number, number], string>('SELECT word FROM search_vocabulary WHERE scope = ? AND n > ? ORDER BY n')
    .pluck()
  // the primary key of search_vocabulary
  const known = db
    .prepare<[number, string], number>('SELECT 1 FROM search_vocabulary WHERE scope = ? AND word = ?')
    .pluck()
  const size = db.prepare<[number], number>('SELECT n FROM search_scopes WHERE scope = ?').pluck()
  const loaded = new Map<number, { readonly index: MiniSearch<Page>; readonly size: number }>()
  let inMemory = 0

  const evict = (): void => {
    for (const [scope, { size: words }] of loaded) {
      if (inMemory <= wordsInMemory || loaded.size === 1) return
      loaded.delete(scope)
      inMemory -= words
    }
  }

  /** The scope's index, with the words added that are new since the last use. */
  const indexOf = (scope: number): MiniSearch<Page> => {
    const now = size.get(scope) ?? 0
    const { index, size: before } = loaded.get(scope) ?? { index: emptyIndex(), size: 0 }
    if (now > before) index.add({ id: now, words: since.all(scope, before).join(' ') })
    inMemory += now - before
    // Inserted again, so that the map's order is the order of use.
    loaded.delete(scope)
    loaded.set(scope, { index, size: now })
    evict()
    return index
  }

  return {
    /** Real words of the scope that may have been meant by a typing error, nearest first. */
    near: (scope: number, word: string): readonly Near[] => {
      const most = editsFor(word)
      if (most === 0) return []
      const words = new Set(swaps(word).filter((each) => known.get(scope, each) !== undefined))
      for (const { terms } of indexOf(scope).search(word, { fuzzy: most })) for (const term of terms) words.add(term)
      words.delete(word)
      const near = [...words].map((each) => ({ word: each, edits: editsBetween(word, each) }))
      const nearest = near.toSorted((a, b) => a.edits - b.edits || (a.word < b.word ? -1 : 1))
      const first = nearest.filter(({ edits }) => edits <= 1).slice(0, corrections)
      return [...first, ...nearest.filter(({ edits }) => edits > 1).slice(0, corrections)]
    },
  }
}
