import type { Database } from 'better-sqlite3'
import type { PersonId, AccountId } from '../../domain/ids.ts'
import { ticketColumns, type TicketRow } from '../ticket-list/rows.ts'
import { conditionsOf, statementCache, type ListFilter } from '../ticket-list/ticket-list.ts'
import { matching, newWork, type SearchTerm } from './matching.ts'
import { namedQuery } from './people.ts'
import { everySearchScope, personToken, queryWords, wordsOf, wordToken, type SearchScope } from './tokens.ts'
import { vocabulary, type Near } from './vocabulary.ts'

/** The most hits that are returned; whether there are more is reported as `capped`. */
const hitLimit = 1_000
/** Above this many hits they are ranked by their latest update, and not by how well they match. */
const rankLimit = 200
/** A shorter prefix is looked up as a whole word: too many words begin with it. */
const shortestPrefix = 3
const peopleLimit = 100
/** Up to this many words with a prefix are looked up one by one; above, FTS5's own prefix query is used. */
const wordsOfPrefix = 32
/** The most words of a query that are corrected: of longer queries those that the fewest tickets contain. */
const mostCorrected = 16

export interface Hits {
  /** At most `hitLimit` rows, the most relevant first. */
  readonly rows: readonly TicketRow[]
  /** There are more. */
  readonly capped: boolean
}

export interface SearchQueries {
  /** Tickets that contain every word of the query. The last word may be a prefix, and each may have a typing error. */
  readonly find: (filter: ListFilter, query: string) => Hits
  /** Ids of people by the beginnings of their names, whatever their account. */
  readonly named: (query: string) => readonly PersonId[]
}

/** `size`: the length in bytes of the document's distinct words. */
interface Hit extends TicketRow {
  readonly size: number
}

/** A word as typed; `near` looks up similar real words once. */
interface Typed {
  readonly word: string
  readonly isLast: boolean
  readonly near: () => readonly Near[]
}

/** A ticket's number in any spelling, alone or at the end of a page's address; null for other text. */
const ticketNumberIn = (query: string): string | null => {
  const number = /^(?:\S*\/)?(?:t-?)?([0-9a-hjkmnp-tv-z]{8})$/i.exec(query.trim())?.[1]
  return number === undefined ? null : `T-${number.toUpperCase()}`
}

export const searchQueries = (db: Database): SearchQueries => {
  const words = vocabulary(db)
  const match = matching(db)
  const statements = statementCache<TicketRow>(db)
  const searchScopeOf = db.prepare<[AccountId], number>('SELECT scope FROM search_scopes WHERE account = ?').pluck()
  // the primary key of search_names
  const named = db
    .prepare<[number, string], number>(
      `SELECT person FROM search_names WHERE scope = ? AND word = ? LIMIT ${peopleLimit}`,
    )
    .pluck()
  const nameBegins = db
    .prepare<[number, string, string], number>(
      `SELECT person FROM search_names WHERE scope = ? AND word >= ? AND word < ? LIMIT ${peopleLimit}`,
    )
    .pluck()
  // the primary key of search_vocabulary
  const wordBegins = db
    .prepare<[number, string, string], string>(
      `SELECT word FROM search_vocabulary WHERE scope = ? AND word >= ? AND word < ? LIMIT ${wordsOfPrefix + 1}`,
    )
    .pluck()
  // the primary keys of search_tickets, search_documents and tickets
  const rowsOf = db.prepare<[string], Hit>(
    `SELECT ${ticketColumns}, octet_length(d.words) AS size FROM json_each(?) j
     CROSS JOIN search_tickets s ON s.key = j.value CROSS JOIN search_documents d ON d.key = s.key
     CROSS JOIN tickets t ON t.id = s.ticket`,
  )

  const anyOf = (scope: SearchScope, of: readonly string[], people: readonly number[]): string =>
    [...of.map((word) => wordToken(scope, word)), ...people.map((person) => personToken(scope, person))]
      .map((token) => `"${token}"`)
      .join(' OR ')

  const exactly = (scope: SearchScope, word: string): string => anyOf(scope, [word], named.all(scope, word))

  const beginning = (scope: SearchScope, prefix: string): SearchTerm => {
    const beyond = `${prefix}\u{10FFFF}`
    const people = [...new Set(nameBegins.all(scope, prefix, beyond))]
    const begun = wordBegins.all(scope, prefix, beyond)
    if (begun.length <= wordsOfPrefix) return { expression: anyOf(scope, [prefix, ...begun], people), isMerged: false }
    const whole = `"${wordToken(scope, prefix)}" *`
    return { expression: people.length > 0 ? `${whole} OR ${anyOf(scope, [], people)}` : whole, isMerged: true }
  }

  /** An FTS5 expression for the word itself, or a real word within this many edits. */
  const term = (scope: SearchScope, { word, isLast, near }: Typed, edits: number): SearchTerm => {
    const { expression, isMerged } =
      isLast && word.length >= shortestPrefix
        ? beginning(scope, word)
        : { expression: exactly(scope, word), isMerged: false }
    const corrected = edits === 0 ? [] : near().filter((each) => each.edits <= edits)
    return { expression: [expression, ...corrected.map((each) => exactly(scope, each.word))].join(' OR '), isMerged }
  }

  const typedWords = (scope: SearchScope, texts: readonly string[]): readonly Typed[] =>
    texts.map((word, at) => {
      let near: readonly Near[] | undefined
      return { word, isLast: at === texts.length - 1, near: () => (near ??= words.near(scope, word)) }
    })

  /** The words as typed first; typing errors are only tried where nothing is found, fewer edits first. */
  const found = (filter: ListFilter, scope: SearchScope, texts: readonly string[]): readonly number[] => {
    const typed = typedWords(scope, texts)
    const plain = match.byRarity(typed.map((each) => ({ ...each, ...term(scope, each, 0) })))
    const rarest = new Set(plain.slice(0, mostCorrected).map(({ word }) => word))
    const unknown = plain.filter(({ rows }) => rows === 0)
    const work = newWork()
    for (const edits of [0, 1, 2]) {
      if (unknown.length > (edits === 0 ? 0 : mostCorrected)) continue
      const terms = plain.map((each) =>
        edits > 0 && rarest.has(each.word) ? { ...each, ...term(scope, each, edits) } : each,
      )
      const keys = match.find(filter, scope, edits === 0 ? terms : match.byRarity(terms), hitLimit + 1, work)
      if (keys.length > 0) return keys
    }
    return []
  }

  /** The ticket whose number was typed, if the filter admits it. */
  const numbered = (filter: ListFilter, query: string): readonly TicketRow[] => {
    const id = ticketNumberIn(query)
    if (id === null) return []
    const { sql, values } = conditionsOf(
      filter,
      't',
      filter.account === undefined ? undefined : { column: 'account', value: filter.account },
    )
    // the primary key of tickets
    return statements(`SELECT ${ticketColumns} FROM tickets t WHERE t.id = ? AND ${sql}`).all(id, ...values)
  }

  return {
    named: namedQuery(db),
    find: (filter, query) => {
      const rows = numbered(filter, query)
      if (rows.length > 0) return { rows, capped: false }
      const typed = queryWords(query)
      const scope = filter.account === undefined ? everySearchScope : searchScopeOf.get(filter.account)
      if (typed.length === 0 || scope === undefined) return { rows: [], capped: false }
      const keys = found(filter, scope, typed)
      const hits = rowsOf.all(JSON.stringify(keys.slice(0, hitLimit)))
      return { rows: ranked(hits, typed), capped: keys.length > hitLimit }
    },
  }
}

/**
 * Ranks by the number of typed words in the subject, then by the shorter ticket, then by the latest update. FTS5's
 * bm25() would count the documents of all accounts, and the rarity of a word makes no difference: each hit contains
 * every word.
 */
const ranked = (hits: readonly Hit[], typed: readonly string[]): TicketRow[] => {
  const inSubject = ({ subject }: TicketRow): number => {
    const words = new Set(wordsOf(subject ?? ''))
    return typed.filter((word) => words.has(word)).length
  }
  const byFit = (hit: Hit) => ({ hit, inSubject: inSubject(hit), size: hit.size })
  const byUpdate = (hit: Hit) => ({ hit, inSubject: 0, size: 0 })
  const order = hits.map(hits.length > rankLimit ? byUpdate : byFit)
  const sorted = order.toSorted(
    (a, b) => b.inSubject - a.inSubject || a.size - b.size || (a.hit.updatedAt < b.hit.updatedAt ? 1 : -1),
  )
  return sorted.map(({ hit: { size: _size, ...row } }) => row)
}
