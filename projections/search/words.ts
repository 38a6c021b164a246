/** Splits texts and queries into words. Both must be folded alike, or queries would not match. */

/** The most words of a query that are used. */
const queryLimit = 64
/** Longer words are cut to this many characters. */
const wordLimit = 40

/** NFKC, lower case, combining marks removed: "cafe" finds "café", "file" finds "ﬁle". */
const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')

/** Runs of letters and digits of any script, in the order of the text, with repetitions. */
export const wordsOf = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, wordLimit))

export const queryWords = (query: string): string[] => [...new Set(wordsOf(query.slice(0, 4_000)))].slice(0, queryLimit)
