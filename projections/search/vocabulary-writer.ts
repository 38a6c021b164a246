import type { CacheContext } from '../cache/cache.ts'
import { everyScope } from './postings.ts'

/** Above this many words the memory is emptied. */
const most = 100_000

/** Adds those words of a text to the vocabulary that the scope does not contain yet. */
export type AddWords = (scope: number, words: readonly string[]) => void

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
  const seen = new Map<number, Set<string>>()
  let size = 0

  const seenIn = (scope: number): Set<string> => {
    const known = seen.get(scope)
    if (known !== undefined) return known
    const words = new Set<string>()
    seen.set(scope, words)
    return words
  }

  /** Returns the words that are new in the scope. */
  const addTo = (scope: number, words: readonly string[]): readonly string[] => {
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
      if (!exclusive || size > most) discard()
    },
    discard,
  })

  // The vocabulary of all accounts contains that of each, so most words are looked up once.
  return (scope, words) => {
    const added = addTo(scope, words)
    if (scope !== everyScope && added.length > 0) addTo(everyScope, added)
  }
}
