/** Queries as people type them, made from real texts by a seed of its own, so that every contender gets the same. */

const lcg = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Swaps, drops, doubles or replaces one letter, never the first. */
const slip = (word: string, random: (below: number) => number): string => {
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
  /** The number of the text that it was made from. */
  readonly from: number
}

const wordsOf = (text: string): readonly string[] => text.match(/[a-z]{5,12}/g) ?? []

type Kind = 'exact' | 'prefix' | 'typo'

const typed = (kind: Kind, words: readonly string[], random: (below: number) => number): string => {
  const last = words.at(-1) ?? ''
  const others = words.slice(0, -1)
  if (kind === 'exact') return words.join(' ')
  return [...others, kind === 'prefix' ? last.slice(0, Math.max(3, last.length - 2)) : slip(last, random)].join(' ')
}

/** So many queries of a kind, each of `width` neighbouring words of some text. */
export const queriesOf = (
  texts: readonly string[],
  kind: Kind,
  count: number,
  width: number,
  seed = 7,
): readonly Query[] => {
  const random = lcg(seed)
  const made: Query[] = []
  while (made.length < count) {
    const from = random(texts.length)
    const words = wordsOf(texts[from] ?? '')
    if (words.length < width + 1) continue
    const at = random(words.length - width)
    made.push({ q: typed(kind, words.slice(at, at + width), random), from })
  }
  return made
}
