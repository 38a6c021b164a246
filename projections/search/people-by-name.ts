import type { Database } from 'better-sqlite3'
import type { PersonId } from '../../domain/ids.ts'
import { everyScope } from './postings.ts'
import { queryWords } from './words.ts'

/** At most so many are returned; a longer query finds the others. */
const most = 100

/**
 * Returns the ids of at most 100 people whose names have, for each word of the query, a word that begins with it; any
 * people for a blank query. It does not filter by account, so only support may see the result.
 */
export const namedQuery = (db: Database): ((query: string) => readonly PersonId[]) => {
  // the primary keys of search_names and search_people; search_names_of_person
  const find = db
    .prepare<[string, string, string], PersonId>(
      `SELECT s.id FROM search_names n CROSS JOIN search_people s ON s.key = n.person
       WHERE n.scope = ${everyScope} AND n.word >= ? AND n.word < ?
         AND NOT EXISTS (SELECT 1 FROM json_each(?) j WHERE NOT EXISTS (
           SELECT 1 FROM search_names m WHERE m.person = n.person AND m.scope = ${everyScope}
             AND m.word >= j.value AND m.word < j.value || char(0x10FFFF)))
       LIMIT ${most}`,
    )
    .pluck()
  return (query) => {
    // The longest word first, since the fewest names begin with it.
    const [first = '', ...others] = queryWords(query).toSorted((a, b) => b.length - a.length)
    // Two words of one name may begin alike.
    return [...new Set(find.all(first, `${first}\u{10FFFF}`, JSON.stringify(others)))]
  }
}
