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

/** Runs of letters and digits of any script, in the order of the text, with repetitions. */
export const wordsOf = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, wordLimit))

export const queryWords = (query: string): string[] => [...new Set(wordsOf(query.slice(0, 4_000)))].slice(0, queryLimit)

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
