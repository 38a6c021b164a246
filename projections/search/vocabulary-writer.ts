import type { Database } from 'better-sqlite3'
import type { Held } from '../cache/row-cache.ts'
import { everyScope } from './postings.ts'

/** Beyond so many words those that are held are forgotten. */
const most = 100_000

export interface Learner extends Held {
  /** Puts those words of a text into the vocabulary that the scope does not know yet. */
  readonly learn: (scope: number, words: readonly string[]) => void
}

/** Writes the vocabulary. Most words of a text are known: what was met before is not asked for. `alone` as `holdRows`. */
export const learner = (db: Database, alone: boolean): Learner => {
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
  const met = new Map<number, Set<string>>()
  let held = 0

  const metIn = (scope: number): Set<string> => {
    const known = met.get(scope)
    if (known !== undefined) return known
    const words = new Set<string>()
    met.set(scope, words)
    return words
  }

  /** Answers the words that the scope did not know. */
  const learnIn = (scope: number, words: readonly string[]): readonly string[] => {
    const known = metIn(scope)
    const asked = words.filter((word) => !known.has(word))
    if (asked.length === 0) return []
    for (const word of asked) known.add(word)
    held += asked.length
    const news = unknown.all(JSON.stringify(asked), scope)
    if (news.length === 0) return news
    let size = sizeOf.get(scope) ?? 0
    for (const word of news) addWord.run(scope, word, ++size)
    grow.run(size, scope)
    return news
  }
  const forget = (): void => {
    met.clear()
    held = 0
  }

  return {
    /** What an account knows all know, so that most words are looked up once. */
    learn: (scope, words) => {
      const news = learnIn(scope, words)
      if (scope !== everyScope && news.length > 0) learnIn(everyScope, news)
    },
    settle: () => {
      if (!alone || held > most) forget()
    },
    forget,
  }
}
