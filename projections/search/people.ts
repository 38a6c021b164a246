import type { PersonId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import { everyScope } from './postings.ts'
import { wordsOf } from './words.ts'

interface NamedPerson {
  readonly key: number
  name: string
}

/** Above this many entries the memory is emptied. */
const most = 20_000

export interface SearchPeople {
  /** Sets the name by which the person is found, on every ticket, in place of the one before. */
  readonly named: (id: PersonId, name: string) => void
  /** Makes the person's name known in this scope, and returns the person's number. */
  readonly takesPart: (id: PersonId, scope: number) => number
}

/**
 * Authors in the index: a number for each, and the words of the present name in every scope that knows them. Each event
 * names its actor, usually as before, so the last known names are held in memory.
 */
export const searchPeople = (
  { db, exclusive, register }: CacheContext,
  learn: (scope: number, words: readonly string[]) => void,
): SearchPeople => {
  const find = db.prepare<[PersonId], NamedPerson>('SELECT key, name FROM search_people WHERE id = ?')
  const add = db.prepare("INSERT INTO search_people (id, name) VALUES (?, '')")
  const rename = db.prepare('UPDATE search_people SET name = ? WHERE key = ?')
  const dropNames = db.prepare('DELETE FROM search_names WHERE person = ?')
  const addName = db.prepare('INSERT INTO search_names (scope, word, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const join = db.prepare('INSERT INTO search_participants (person, scope) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const scopesOf = db.prepare<[number], number>('SELECT scope FROM search_participants WHERE person = ?').pluck()

  const people = new Map<PersonId, NamedPerson>()
  /** Who takes part in which scope, by their numbers. */
  const joined = new Set<string>()

  const personOf = (id: PersonId): NamedPerson => {
    const known = people.get(id)
    if (known !== undefined) return known
    const person = find.get(id) ?? { key: Number(add.run(id).lastInsertRowid), name: '' }
    people.set(id, person)
    return person
  }
  const discard = (): void => {
    people.clear()
    joined.clear()
  }
  // Statements write at once: nothing is left for the flush.
  register({
    flush: () => {
      if (!exclusive || people.size + joined.size > most) discard()
    },
    discard,
  })

  const enter = (scope: number, { key, name }: NamedPerson): void => {
    const words = [...new Set(wordsOf(name))]
    learn(scope, words)
    for (const word of words) addName.run(scope, word, key)
  }

  return {
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
