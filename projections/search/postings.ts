/**
 * How words and people stand in the index. A token carries its scope, so that a query of one account touches no other
 * account's postings; the same word stands a second time without a scope, for support (rulings, 22).
 */

/** All accounts together. */
export const everyScope = 0

const inScope = (scope: number): string => (scope === everyScope ? '' : `a${scope}`)

export const wordToken = (scope: number, word: string): string => `${inScope(scope)}w${word}`

/** People stand by a number: a rename changes their names and no ticket. */
export const personToken = (scope: number, person: number): string => `${inScope(scope)}p${person}`

/** The text that FTS5 indexes for words and people of one account's ticket. */
export const documentOf = (scope: number, words: readonly string[], people: readonly number[]): string =>
  [everyScope, scope]
    .flatMap((of) => [...words.map((word) => wordToken(of, word)), ...people.map((person) => personToken(of, person))])
    .join(' ')

/**
 * A ticket's document stands at its key and is written again with each message that brings new words. A long ticket's
 * later messages stand by themselves, above every key, so that writing one costs the same however long it gets.
 */
export const firstMessageRow = 2 ** 40
const messagesPerTicket = 2 ** 20

/** Keys stay below 2^32, versions below 2^20: a safe integer, and no row of another ticket's. */
export const messageRow = (key: number, version: number): number =>
  firstMessageRow + key * messagesPerTicket + (version % messagesPerTicket)

export const keyOfMessageRow = (row: number): number => Math.floor((row - firstMessageRow) / messagesPerTicket)
