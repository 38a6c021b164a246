import type { Database } from 'better-sqlite3'
import type { Held } from '../cache/row-cache.ts'
import { everyScope } from './postings.ts'
import { wordsOf } from './words.ts'

interface NamedPerson {
  readonly key: number
  name: string
}

/** Beyond so many people those who are held are forgotten. */
const most = 20_000

export interface SearchPeople extends Held {
  /** From now on the person is found by this name, on every ticket, and no longer by the one before. */
  readonly named: (id: string, name: string) => void
  /** The person's number, from now on known by name in this scope. */
  readonly takesPart: (id: string, scope: number) => number
}

/**
 * Authors in the index: a number for each, and the words of the present name in every scope that knows them. Each event
 * names its actor, as a rule as before. `alone` as `holdRows`.
 */
export const searchPeople = (
  db: Database,
  learn: (scope: number, words: readonly string[]) => void,
  alone: boolean,
): SearchPeople => {
  const find = db.prepare<[string], NamedPerson>('SELECT key, name FROM search_people WHERE id = ?')
  const add = db.prepare("INSERT INTO search_people (id, name) VALUES (?, '')")
  const rename = db.prepare('UPDATE search_people SET name = ? WHERE key = ?')
  const dropNames = db.prepare('DELETE FROM search_names WHERE person = ?')
  const addName = db.prepare('INSERT INTO search_names (scope, word, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const join = db.prepare('INSERT INTO search_participants (person, scope) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const scopesOf = db.prepare<[number], number>('SELECT scope FROM search_participants WHERE person = ?').pluck()

  const held = new Map<string, NamedPerson>()
  /** Who takes part where, by their numbers. */
  const joined = new Set<string>()

  const personOf = (id: string): NamedPerson => {
    const known = held.get(id)
    if (known !== undefined) return known
    const person = find.get(id) ?? { key: Number(add.run(id).lastInsertRowid), name: '' }
    held.set(id, person)
    return person
  }
  const forget = (): void => {
    held.clear()
    joined.clear()
  }

  const enter = (scope: number, { key, name }: NamedPerson): void => {
    const words = [...new Set(wordsOf(name))]
    learn(scope, words)
    for (const word of words) addName.run(scope, word, key)
  }

  return {
    settle: () => {
      if (!alone || held.size + joined.size > most) forget()
    },
    forget,
    named: (id, name) => {
      const person = personOf(id)
      if (person.name === name) return
      person.name = name
      rename.run(name, person.key)
      dropNames.run(person.key)
      for (const scope of [everyScope, ...scopesOf.all(person.key)]) enter(scope, person)
    },
    takesPart: (id, scope) => {
      const person = personOf(id)
      const place = `${person.key} ${scope}`
      if (joined.has(place)) return person.key
      joined.add(place)
      if (join.run(person.key, scope).changes > 0) enter(scope, person)
      return person.key
    },
  }
}
