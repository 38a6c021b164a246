/** Makes queries as people type them from real texts, with a seeded random generator: every candidate gets the same. */

const lcg = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
type Random = ReturnType<typeof lcg>

/** A typing error: swaps, drops, doubles or replaces one letter, never the first. */
const withTypo = (word: string, random: Random): string => {
  const at = 1 + random(word.length - 2)
  const [before, letter, after] = [word.slice(0, at), word.slice(at, at + 1), word.slice(at + 1)]
  switch (random(4)) {
    case 0:
      return before + after.slice(0, 1) + letter + after.slice(1)
    case 1:
      return before + after
    case 2:
      return before + letter + letter + after
    default:
      return `${before}q${after}`
  }
}

export interface Query {
  readonly q: string
  /** The index of the text that it was made from. */
  readonly from: number
}

/** Whole words of five letters and more, each once. */
const wordsOf = (text: string): readonly string[] => [...new Set(text.match(/\b[a-z]{5,}\b/g) ?? [])]

/** A word is common when more than one text of so many has it: "please", "regards", "access". */
const commonIn = 100

const commonWords = (texts: readonly string[]): ReadonlySet<string> => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count > texts.length / commonIn).map(([word]) => word))
}

/** Unchanged; with the last word cut off after three letters or more; with a typing error in one word. */
type Kind = 'exact' | 'prefix' | 'typo'

const typed = (kind: Kind, words: readonly string[], random: Random): string => {
  const last = words.length - 1
  if (kind === 'exact') return words.join(' ')
  const at = kind === 'prefix' ? last : random(words.length)
  const change = (word: string): string =>
    kind === 'prefix' ? word.slice(0, 3 + random(word.length - 3)) : withTypo(word, random)
  return words.map((word, n) => (n === at ? change(word) : word)).join(' ')
}

const chosen = (words: readonly string[], random: Random): readonly string[] => {
  const left = [...words]
  return Array.from({ length: 3 }, () => left.splice(random(left.length), 1)[0] ?? '')
}

/** Makes so many queries, each of three words of one text: common ones, uncommon ones, or any. */
export const queriesFrom = (texts: readonly string[]) => {
  const common = commonWords(texts)
  const words = {
    any: (word: string) => word !== '',
    common: (word: string) => common.has(word),
    uncommon: (word: string) => !common.has(word),
  }
  return (kind: Kind, of: keyof typeof words, count: number, seed = 7): readonly Query[] => {
    const random = lcg(seed)
    const made: Query[] = []
    while (made.length < count) {
      const from = random(texts.length)
      const right = wordsOf(texts[from] ?? '').filter(words[of])
      if (right.length >= 3) made.push({ q: typed(kind, chosen(right, random), random), from })
    }
    return made
  }
}
