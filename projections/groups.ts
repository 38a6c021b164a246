import type { Database } from 'better-sqlite3'
import { isEmpty, type Held } from './rows.ts'

/** Groups of texts that only grow, such as who is involved in a ticket. */
export interface Groups {
  readonly members: (group: string) => ReadonlySet<string>
  readonly add: (group: string, member: string) => void
}

const most = 50_000
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
  const write = db.prepare(`INSERT INTO ${table} (${group}, ${member}) VALUES (?, ?) ON CONFLICT DO NOTHING`)
  const held = new Map<string, Set<string>>()
  let fresh: [group: string, member: string][] = []
  let isWhole = alone && isEmpty(db, table)

  const load = (of: string): Set<string> => {
    const known = held.get(of)
    if (known !== undefined) return known
    const found = new Set(isWhole ? [] : find.all(of))
    held.set(of, found)
    return found
  }
  const empty = (): void => {
    held.clear()
    isWhole = false
  }

  return {
    members: (of) => (isWhole ? (held.get(of) ?? nobody) : load(of)),
    add: (to, who) => {
      const members = load(to)
      if (members.has(who)) return
      members.add(who)
      fresh.push([to, who])
    },
    settle: () => {
      for (const [to, who] of fresh) write.run(to, who)
      fresh = []
      if (!alone || held.size > most) empty()
    },
    forget: () => {
      fresh = []
      empty()
    },
  }
}
