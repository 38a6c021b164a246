import { bloomFilter, type BloomFilter } from './bloom-filter.ts'
import type { CacheContext } from './cache.ts'

/** Knows keys that a table never held, so that they are not looked up. */
export interface NegativeCache {
  /** The table was empty and nobody else writes to it: every row it ever held passed through this cache's owner. */
  readonly isComplete: () => boolean
  /** Of a key that is not in memory: the table does not hold it. */
  readonly isAbsent: (key: string) => boolean
  /** These keys leave memory, and remain in the table. */
  readonly evict: (keys: Iterable<string>) => void
  /** The table may hold rows that did not pass through. */
  readonly invalidate: () => void
}

export const negativeCache = ({ db, exclusive }: CacheContext, table: string): NegativeCache => {
  const isEmpty = (): boolean => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined
  let evicted: BloomFilter | null = exclusive && isEmpty() ? bloomFilter() : null
  return {
    isComplete: () => evicted !== null,
    isAbsent: (key) => evicted?.has(key) === false,
    evict: (keys) => {
      if (evicted !== null) for (const key of keys) evicted.add(key)
    },
    invalidate: () => {
      evicted = null
    },
  }
}
