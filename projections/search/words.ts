/** How texts and queries become words: alike, or they would not meet (reliability, fact 9). */

/** The most words of a query that are looked at. */
const queryLimit = 64
/** What is longer is no word that anybody types; only its beginning is kept. */
const wordLimit = 40

/** NFKC, case folded, marks stripped: "cafe" finds "café", "file" finds "ﬁle". */
const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')

/** Letters and digits of any script, in the order of the text, as often as they stand there. */
export const wordsOf = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, wordLimit))

export const queryWords = (query: string): string[] => [...new Set(wordsOf(query.slice(0, 4_000)))].slice(0, queryLimit)
