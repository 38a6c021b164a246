import type { Database } from 'better-sqlite3'
import type { PersonId } from '../../domain/ids.ts'
import type { CacheContext } from '../cache/cache.ts'
import { everySearchScope, queryWords, wordsOf, type SearchScope } from './tokens.ts'

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
  readonly takesPart: (id: PersonId, scope: SearchScope) => number
}

/**
 * Authors in the index: a number for each, and the words of the present name in every scope that knows them. Each event
 * names its actor, usually as before, so the last known names are held in memory.
 */
export const searchPeople = (
  { db, exclusive, register }: CacheContext,
  learn: (scope: SearchScope, words: readonly string[]) => void,
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

  const enter = (scope: SearchScope, { key, name }: NamedPerson): void => {
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
      for (const scope of [everySearchScope, ...scopesOf.all(person.key)]) enter(scope, person)
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

/** At most so many are returned; a longer query finds the others. */
const mostNamed = 100

/**
 * Returns the ids of at most 100 people whose names have, for each word of the query, a word that begins with it; any
 * people for a blank query. It does not filter by account, so only support may see the result.
 */
export const namedQuery = (db: Database): ((query: string) => readonly PersonId[]) => {
  // the primary keys of search_names and search_people; search_names_of_person
  const find = db
    .prepare<[string, string, string], PersonId>(
      `SELECT s.id FROM search_names n CROSS JOIN search_people s ON s.key = n.person
       WHERE n.scope = ${everySearchScope} AND n.word >= ? AND n.word < ?
         AND NOT EXISTS (SELECT 1 FROM json_each(?) j WHERE NOT EXISTS (
           SELECT 1 FROM search_names m WHERE m.person = n.person AND m.scope = ${everySearchScope}
             AND m.word >= j.value AND m.word < j.value || char(0x10FFFF)))
       LIMIT ${mostNamed}`,
    )
    .pluck()
  return (query) => {
    // The longest word first, since the fewest names begin with it.
    const [first = '', ...others] = queryWords(query).toSorted((a, b) => b.length - a.length)
    // Two words of one name may begin alike.
    return [...new Set(find.all(first, `${first}\u{10FFFF}`, JSON.stringify(others)))]
  }
}
