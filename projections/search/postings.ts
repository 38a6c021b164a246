/**
 * The tokens of words and people in the index. A token carries its scope, so that a query of one account reads no other
 * account's postings; the same word is indexed again without a scope, for support
 * (docs/adr/0018-search-in-two-layers.md).
 */

/** All accounts together. */
export const everyScope = 0

const inScope = (scope: number): string => (scope === everyScope ? '' : `a${scope}`)

export const wordToken = (scope: number, word: string): string => `${inScope(scope)}w${word}`

/** People are indexed by number, so that a rename changes no document. */
export const personToken = (scope: number, person: number): string => `${inScope(scope)}p${person}`

/** The text that FTS5 indexes for words and people of one account's ticket. */
export const documentOf = (scope: number, words: readonly string[], people: readonly number[]): string =>
  [everyScope, scope]
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
