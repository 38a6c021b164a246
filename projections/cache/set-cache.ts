import { negativeCache, rowWriter, type Cache, type CacheContext } from './cache.ts'
import type { Table } from './table.ts'

/** Sets of texts that only grow, each under a text key, such as the people involved in a ticket. */
export interface SetCache<K, M> extends Cache {
  readonly members: (key: K) => ReadonlySet<M>
  readonly add: (key: K, member: M) => void
}

/** Above this many sets, written ones are evicted even in a rebuild. */
const most = 20_000
const empty: ReadonlySet<never> = new Set()

/** Of a table of two text columns that are its key. */
export const setCache = <R extends Readonly<Record<string, string>>, K extends string, M extends string>(
  context: CacheContext,
  table: Table<R, readonly [K, M]>,
): SetCache<K, M> => {
  const { db, exclusive } = context
  const [key, member] = table.key
  if (key === undefined || member === undefined) throw new Error(`${table.name} has no key and member`)
  // the primary key
  const find = db.prepare<[K], M>(`SELECT ${member} FROM ${table.name} WHERE ${key} = ?`).pluck()
  const write = rowWriter<Readonly<Record<string, string>>>(db, table.name, [key, member], 'DO NOTHING')
  const sets = new Map<K, Set<M>>()
  let added: Readonly<Record<string, string>>[] = []
  const absent = negativeCache(context, table.name)

  const load = (of: K): Set<M> => {
    const known = sets.get(of)
    if (known !== undefined) return known
    const found = new Set(absent.isAbsent(of) ? [] : find.all(of))
    sets.set(of, found)
    return found
  }
  const evictAll = (): void => {
    absent.evict(sets.keys())
    sets.clear()
  }

  const cache: SetCache<K, M> = {
    members: (of) => (absent.isAbsent(of) ? (sets.get(of) ?? empty) : load(of)),
    add: (to, value) => {
      const members = load(to)
      if (members.has(value)) return
      members.add(value)
      added.push({ [key]: to, [member]: value })
    },
    flush: () => {
      write(added)
      added = []
      if (!exclusive || sets.size > most) evictAll()
    },
    discard: () => {
      added = []
      absent.invalidate()
      evictAll()
    },
  }
  context.register(cache)
  return cache
}
