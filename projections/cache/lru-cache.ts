import { bloomFilter } from './bloom-filter.ts'

/** Values of the keys used last, and of the others whether they were ever set. */
export interface LruCache<V> {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  /** Whether a key that `get` does not find was set before. No false negatives, few false positives. */
  readonly wasEvicted: (key: string) => boolean
}

/** Holds at least the last `most` keys and at most twice as many, in two generations. */
export const lruCache = <V>(most: number): LruCache<V> => {
  let [young, old] = [new Map<string, V>(), new Map<string, V>()]
  const evicted = bloomFilter()
  const set = (key: string, value: V): void => {
    young.set(key, value)
    if (young.size < most) return
    for (const each of old.keys()) if (!young.has(each)) evicted.add(each)
    old = young
    young = new Map()
  }
  return {
    get: (key) => {
      const recent = young.get(key)
      if (recent !== undefined) return recent
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
    wasEvicted: (key) => evicted.has(key),
  }
}
