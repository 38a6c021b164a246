import type { Database } from 'better-sqlite3'
import { keyFilter, type KeyFilter } from './key-filter.ts'
import { rowWriter } from './row-writer.ts'
import { isEmpty, type Held } from './rows.ts'

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
  /** Groups that were written and forgotten, where all that ever stood in the table went by here. */
  let gone: KeyFilter | null = alone && isEmpty(db, table) ? keyFilter() : null

  const load = (of: string): Set<string> => {
    const known = held.get(of)
    if (known !== undefined) return known
    const found = new Set(gone?.has(of) === false ? [] : find.all(of))
    held.set(of, found)
    return found
  }
  const empty = (): void => {
    if (gone !== null) for (const of of held.keys()) gone.add(of)
    held.clear()
  }

  return {
    members: (of) => (gone?.has(of) === false ? (held.get(of) ?? nobody) : load(of)),
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
      gone = null
      empty()
    },
  }
}
