import { keyFilter } from './bloom-filter.ts'

/** What is known of the keys that were used lately; of others, whether anything was. */
export interface Recent<V> {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  /** Whether something was set for a key that `get` does not know: true for all such, and for few others. */
  readonly isGone: (key: string) => boolean
}

/** Holds the last `most` keys at least and twice as many at most, however many come by. */
export const recent = <V>(most: number): Recent<V> => {
  let [young, old] = [new Map<string, V>(), new Map<string, V>()]
  const gone = keyFilter()
  const set = (key: string, value: V): void => {
    young.set(key, value)
    if (young.size < most) return
    for (const each of old.keys()) if (!young.has(each)) gone.add(each)
    old = young
    young = new Map()
  }
  return {
    get: (key) => {
      const known = young.get(key)
      if (known !== undefined) return known
      const kept = old.get(key)
      if (kept !== undefined) set(key, kept)
      return kept
    },
    set,
    isGone: (key) => gone.has(key),
  }
}
