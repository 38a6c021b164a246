import type { Database } from 'better-sqlite3'
import MiniSearch from 'minisearch'
import type { CacheContext } from '../cache/cache.ts'
import { everySearchScope, type SearchScope } from './tokens.ts'

/** Each distinct word of a scope once: written with the documents, and read to correct what was typed. */

/** Above this many words the writer's memory is emptied. */
const seenWords = 100_000
/** The most words in a reader's memory; the least recently used scope is evicted first. */
const wordsInMemory = 400_000
/** The most words of one account in a reader's memory, the first that were written: about half a second to load. */
const wordsOfAccount = 130_000
/** The most real words at each distance that replace a typing error. */
const corrections = 12

/** Adds those words of a text to the vocabulary that the scope does not contain yet. */
export type AddWords = (scope: SearchScope, words: readonly string[]) => void

/** Writes the vocabulary. Most words of a text are known: words seen before are held in memory and not looked up. */
export const vocabularyWriter = ({ db, exclusive, register }: CacheContext): AddWords => {
  const sizeOf = db.prepare<[number], number>('SELECT n FROM search_scopes WHERE scope = ?').pluck()
  const grow = db.prepare('UPDATE search_scopes SET n = ? WHERE scope = ?')
  const addWord = db.prepare('INSERT INTO search_vocabulary (scope, word, n) VALUES (?, ?, ?)')
  // the primary key of search_vocabulary; one statement for all words
  const unknown = db
    .prepare<[string, number], string>(
      `SELECT j.value FROM json_each(?) j WHERE NOT EXISTS
       (SELECT 1 FROM search_vocabulary v WHERE v.scope = ? AND v.word = j.value)`,
    )
    .pluck()
  const seen = new Map<SearchScope, Set<string>>()
  let size = 0

  const seenIn = (scope: SearchScope): Set<string> => {
    const known = seen.get(scope)
    if (known !== undefined) return known
    const words = new Set<string>()
    seen.set(scope, words)
    return words
  }

  /** Returns the words that are new in the scope. */
  const addTo = (scope: SearchScope, words: readonly string[]): readonly string[] => {
    const known = seenIn(scope)
    const unseen = words.filter((word) => !known.has(word))
    if (unseen.length === 0) return []
    for (const word of unseen) known.add(word)
    size += unseen.length
    const added = unknown.all(JSON.stringify(unseen), scope)
    if (added.length === 0) return added
    let number = sizeOf.get(scope) ?? 0
    for (const word of added) addWord.run(scope, word, ++number)
    grow.run(number, scope)
    return added
  }
  const discard = (): void => {
    seen.clear()
    size = 0
  }
  // Statements write at once: nothing is left for the flush.
  register({
    flush: () => {
      if (!exclusive || size > seenWords) discard()
    },
    discard,
  })

  // The vocabulary of all accounts contains that of each, so most words are looked up once.
  return (scope, words) => {
    const added = addTo(scope, words)
    if (scope !== everySearchScope && added.length > 0) addTo(everySearchScope, added)
  }
}

/** The most edits for a word: one below six letters, two from six on. */
const editsFor = (word: string): number => (word.length < 3 ? 0 : word.length < 6 ? 1 : 2)

/** Digits are taken as they were typed: another number is another thing. */
const digitsOf = (word: string): string => word.replaceAll(/\P{N}+/gu, ' ').trim()

/** Swaps of neighbouring letters: one typing error, but two edits to MiniSearch. */
const swaps = (word: string): string[] =>
  Array.from({ length: Math.max(0, word.length - 1) }, (_, at) =>
    [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join(''),
  )

/** Damerau-Levenshtein distance: the least number of letters to insert, delete, replace or swap with a neighbour. */
export const editsBetween = (a: string, b: string): number => {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    before = above
    above = row
  }
  return above[b.length] ?? 0
}

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
    .prepare<[SearchScope, number, number], string>(
      'SELECT word FROM search_vocabulary WHERE scope = ? AND n > ? AND n <= ? ORDER BY n',
    )
    .pluck()
  // the primary key of search_vocabulary
  const known = db
    .prepare<[number, string], number>('SELECT 1 FROM search_vocabulary WHERE scope = ? AND word = ?')
    .pluck()
  const size = db.prepare<[number], number>('SELECT n FROM search_scopes WHERE scope = ?').pluck()
  const loaded = new Map<SearchScope, { readonly index: MiniSearch<Page>; readonly size: number }>()
  let inMemory = 0

  const evict = (): void => {
    for (const [scope, { size: words }] of loaded) {
      if (inMemory <= wordsInMemory || loaded.size === 1) return
      loaded.delete(scope)
      inMemory -= words
    }
  }

  /** The scope's index, with the words added that are new since the last use. */
  const indexOf = (scope: SearchScope): MiniSearch<Page> => {
    const now = Math.min(size.get(scope) ?? 0, scope === everySearchScope ? wordsInMemory : wordsOfAccount)
    const { index, size: before } = loaded.get(scope) ?? { index: emptyIndex(), size: 0 }
    if (now > before) index.add({ id: now, words: since.all(scope, before, now).join(' ') })
    inMemory += now - before
    // Inserted again, so that the map's order is the order of use.
    loaded.delete(scope)
    loaded.set(scope, { index, size: now })
    evict()
    return index
  }

  return {
    /** Real words of the scope that may have been meant by a typing error, nearest first. */
    near: (scope: SearchScope, word: string): readonly Near[] => {
      const most = editsFor(word)
      if (most === 0) return []
      const words = new Set(swaps(word).filter((each) => known.get(scope, each) !== undefined))
      for (const { terms } of indexOf(scope).search(word, { fuzzy: most })) for (const term of terms) words.add(term)
      words.delete(word)
      const digits = digitsOf(word)
      const sameDigits = [...words].filter((each) => digitsOf(each) === digits)
      const near = sameDigits.map((each) => ({ word: each, edits: editsBetween(word, each) }))
      const nearest = near.toSorted((a, b) => a.edits - b.edits || (a.word < b.word ? -1 : 1))
      const first = nearest.filter(({ edits }) => edits <= 1).slice(0, corrections)
      return [...first, ...nearest.filter(({ edits }) => edits > 1).slice(0, corrections)]
    },
  }
}
