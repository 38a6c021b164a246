import type { Database } from 'better-sqlite3'
import { everyScope } from './postings.ts'
import { wordsOf } from './words.ts'

interface NamedPerson {
  readonly key: number
  readonly name: string
}

/** Authors in the index: a number for each, and the words of the present name in every scope that knows them. */
export const searchPeople = (db: Database, learn: (scope: number, words: readonly string[]) => void) => {
  const find = db.prepare<[string], NamedPerson>('SELECT key, name FROM search_people WHERE id = ?')
  const add = db.prepare("INSERT INTO search_people (id, name) VALUES (?, '')")
  const rename = db.prepare('UPDATE search_people SET name = ? WHERE key = ?')
  const dropNames = db.prepare('DELETE FROM search_names WHERE person = ?')
  const addName = db.prepare('INSERT INTO search_names (scope, word, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const join = db.prepare('INSERT INTO search_participants (person, scope) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const scopesOf = db.prepare<[number], number>('SELECT scope FROM search_participants WHERE person = ?').pluck()

  const personOf = (id: string): NamedPerson => find.get(id) ?? { key: Number(add.run(id).lastInsertRowid), name: '' }

  const enter = (scope: number, { key, name }: NamedPerson): void => {
    const words = [...new Set(wordsOf(name))]
    learn(scope, words)
    for (const word of words) addName.run(scope, word, key)
  }

  return {
    /** From now on the person is found by this name, on every ticket, and no longer by the one before. */
    named: (id: string, name: string): void => {
      const { key, name: before } = personOf(id)
      if (before === name) return
      rename.run(name, key)
      dropNames.run(key)
      for (const scope of [everyScope, ...scopesOf.all(key)]) enter(scope, { key, name })
    },
    /** The person's number, from now on known by name in this scope. */
    takesPart: (id: string, scope: number): number => {
      const person = personOf(id)
      if (join.run(person.key, scope).changes > 0) enter(scope, person)
      return person.key
    },
  }
}
