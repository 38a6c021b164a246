/**
 * How words and people stand in the index. A token carries its scope, so that a query of one account touches no other
 * account's postings; the same word stands a second time without a scope, for support (rulings, 22).
 */

/** All accounts together. */
export const everyScope = 0

const inScope = (scope: number): string => (scope === everyScope ? '' : `a${scope}`)

export const wordToken = (scope: number, word: string): string => `${inScope(scope)}w${word}`

/** People stand by a number: a rename changes one row of names and no ticket. */
export const personToken = (scope: number, person: number): string => `${inScope(scope)}p${person}`

/** The text that FTS5 indexes for one ticket. */
export const documentOf = (scope: number, words: readonly string[], people: readonly number[]): string =>
  [everyScope, scope]
    .flatMap((of) => [...words.map((word) => wordToken(of, word)), ...people.map((person) => personToken(of, person))])
    .join(' ')
