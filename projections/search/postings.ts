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

/** The text that FTS5 indexes for one part of a ticket. */
export const documentOf = (scope: number, words: readonly string[], person: number): string =>
  [everyScope, scope].flatMap((of) => [...words.map((word) => wordToken(of, word)), personToken(of, person)]).join(' ')

/** A ticket's parts are neighbours in the index: its subject is 0, its description 1, a comment has its version. */
const partsPerTicket = 2 ** 20
export const subjectPart = 0
export const descriptionPart = 1

/** The row of a part; a ticket's key below 2^33 keeps it a safe integer. */
export const rowOf = (key: number, part: number): number => key * partsPerTicket + Math.min(part, partsPerTicket - 1)
export const keyOfRow = (row: number): number => Math.floor(row / partsPerTicket)
export const isSubjectRow = (row: number): boolean => row % partsPerTicket === subjectPart
