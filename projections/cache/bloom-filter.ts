/** A set of texts in a fixed number of bits: no false negatives, few false positives. */
export interface BloomFilter {
  readonly add: (key: string) => void
  readonly has: (key: string) => boolean
}

/** 2 MB: with a million keys added, one in eighty others is a false positive. */
const bits = 2 ** 24

/** FNV-1a; `remixed` makes the second hash function from the first. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash
}
const remixed = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ (hash >>> 13)

/** Allocates nothing before the first key. */
export const bloomFilter = (): BloomFilter => {
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
      set(remixed(hash) & (bits - 1))
    },
    has: (key) => {
      if (words.length === 0) return false
      const hash = hashOf(key)
      return isSet(hash & (bits - 1)) && isSet(remixed(hash) & (bits - 1))
    },
  }
}
