import { normalized } from '../../domain/text.ts'

/** From texts and queries to words, and from words and people to the tokens that FTS5 indexes. */

/* Texts and queries must be folded alike, or queries would not match. */

/** The most words of a query that are used. */
const queryLimit = 64
/** Longer words are cut to this many characters. */
const wordLimit = 40

/** NFKC, lower case, combining marks removed: "cafe" finds "café", "file" finds "ﬁle". */
const fold = (text: string): string =>
  normalized(normalized(text, 'NFKC').toLowerCase(), 'NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')

/** Scripts that are written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30FC\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu

/** Each character and each pair of neighbours: a word of such a script is found anywhere in a sentence, by all of its pairs. */
const pairsOf = (run: string): string[] => {
  const characters = [...run]
  return characters.flatMap((each, at) => [each, ...(at + 1 < characters.length ? [each + characters[at + 1]] : [])])
}

/** A run of letters and digits as one word, its parts in unspaced scripts as their pairs. */
const wordsOfRun = (run: string, unspacedWords: (part: string) => string[]): string[] => {
  const words: string[] = []
  let from = 0
  for (const { 0: part, index } of run.matchAll(unspaced)) {
    if (index > from) words.push(run.slice(from, index).slice(0, wordLimit))
    words.push(...unspacedWords(part))
    from = index + part.length
  }
  if (from < run.length) words.push(run.slice(from).slice(0, wordLimit))
  return words
}

const runsOf = (text: string): readonly string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** The words of a text as they are indexed, in its order, with repetitions: runs of letters and digits of any script. */
export const wordsOf = (text: string): string[] => runsOf(text).flatMap((run) => wordsOfRun(run, pairsOf))

/** The same of what is looked for: a single character only where it stands alone, since its pairs say more. */
const soughtOf = (text: string): string[] =>
  runsOf(text).flatMap((run) =>
    wordsOfRun(run, (part) => pairsOf(part).filter((each) => part.length === each.length || [...each].length === 2)),
  )

export const queryWords = (query: string): string[] =>
  [...new Set(soughtOf(query.slice(0, 4_000)))].slice(0, queryLimit)

/*
 * A token carries its scope, so that a query of one account reads no other account's postings; the same word is indexed
 * again without a scope, for support (docs/adr/0018-search-in-two-layers.md).
 */

/** An account's number in `search_scopes`, or that of all accounts together. */
export type SearchScope = number

export const everySearchScope: SearchScope = 0

const inScope = (scope: SearchScope): string => (scope === everySearchScope ? '' : `a${scope}`)

export const wordToken = (scope: SearchScope, word: string): string => `${inScope(scope)}w${word}`

/** People are indexed by number, so that a rename changes no document. */
export const personToken = (scope: SearchScope, person: number): string => `${inScope(scope)}p${person}`

/** The text that FTS5 indexes for words and people of one account's ticket. */
export const documentOf = (scope: SearchScope, words: readonly string[], people: readonly number[]): string =>
  [everySearchScope, scope]
    .flatMap((of) => [...words.map((word) => wordToken(of, word)), ...people.map((person) => personToken(of, person))])
    .join(' ')

/**
 * A ticket's document has the row id of the ticket's key and is rewritten with each message that adds words. A long
 * ticket's later messages have row ids of their own, above every key, so that the cost of writing one does not grow.
 */
export const firstMessageRow = 2 ** 40
const messagesPerTicket = 2 ** 20

/** Keys are below 2^32 and versions below 2^20, so rows are safe integers and unique. */
export const messageRow = (key: number, version: number): number =>
  firstMessageRow + key * messagesPerTicket + (version % messagesPerTicket)

export const keyOfMessageRow = (row: number): number => Math.floor((row - firstMessageRow) / messagesPerTicket)
