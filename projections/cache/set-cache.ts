import type { Database } from 'better-sqlite3'
import { pastOf } from './negative-cache.ts'
import { rowWriter } from './row-writer.ts'
import type { Held } from './row-cache.ts'

/** Groups of texts that only grow, such as who is involved in a ticket. */
export interface Groups {
  readonly members: (group: string) => ReadonlySet<string>
  readonly add: (group: string, member: string) => void
}

const most = 20_000
const nobody: ReadonlySet<string> = new Set()

/** Holds a table of two text columns that are its primary key. `alone` as `holdRows`. */
export const holdGroups = (
  db: Database,
  table: string,
  [group, member]: readonly [group: string, member: string],
  alone: boolean,
): Groups & Held => {
  // the primary key
  const find = db.prepare<[string], string>(`SELECT ${member} FROM ${table} WHERE ${group} = ?`).pluck()
  const write = rowWriter<Readonly<Record<string, string>>>(db, table, [group, member], 'DO NOTHING')
  const held = new Map<string, Set<string>>()
  let fresh: Readonly<Record<string, string>>[] = []
  const past = pastOf(db, table, alone)

  const load = (of: string): Set<string> => {
    const known = held.get(of)
    if (known !== undefined) return known
    const found = new Set(past.neverHad(of) ? [] : find.all(of))
    held.set(of, found)
    return found
  }
  const empty = (): void => {
    past.leave(held.keys())
    held.clear()
  }

  return {
    members: (of) => (past.neverHad(of) ? (held.get(of) ?? nobody) : load(of)),
    add: (to, who) => {
      const members = load(to)
      if (members.has(who)) return
      members.add(who)
      fresh.push({ [group]: to, [member]: who })
    },
    settle: () => {
      write(fresh)
      fresh = []
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      fresh = []
      past.lose()
      empty()
    },
  }
}
