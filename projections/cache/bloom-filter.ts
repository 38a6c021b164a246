/** A set of texts that never says no to one that it was given, and to few others yes, in so many bits whatever it holds. */
export interface KeyFilter {
  readonly add: (key: string) => void
  readonly has: (key: string) => boolean
}

/** 2 MB: of a million keys one in eighty others is taken for one of them. */
const bits = 2 ** 24

/** FNV-1a, and the same stirred once more for a second opinion. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash
}
const stirred = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ (hash >>> 13)

/** Takes no memory before the first key. */
export const keyFilter = (): KeyFilter => {
  let words = new Int32Array(0)
  const isSet = (bit: number): boolean => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0
  const set = (bit: number): void => {
    words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }
  return {
    add: (key) => {
      if (words.length === 0) words = new Int32Array(bits / 32)
      const hash = hashOf(key)
      set(hash & (bits - 1))
      set(stirred(hash) & (bits - 1))
    },
    has: (key) => {
      if (words.length === 0) return false
      const hash = hashOf(key)
      return isSet(hash & (bits - 1)) && isSet(stirred(hash) & (bits - 1))
    },
  }
}
