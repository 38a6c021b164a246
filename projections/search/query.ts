import type { Database } from 'better-sqlite3'
import { ticketColumns, type ListFilter, type TicketRow } from '../ticket-list.ts'
import { anyOf, inAll, passing, postings, type Budget, type Falling } from './falling.ts'
import { viewFilter } from './filter.ts'
import { everyScope, personToken, wordToken } from './postings.ts'
import { vocabulary } from './vocabulary.ts'
import { queryWords } from './words.ts'

/** Further than this nobody pages; more hits are said to be more (rulings, 19). */
const hitLimit = 1_000
/** Above so many hits the latest update ranks, and no longer how well a ticket fits. */
const rankLimit = 200
/** A beginning shorter than this is looked up as a whole word: too many words start so. */
const shortestPrefix = 3
const peopleLimit = 100
/** So many words that begin alike are looked up one by one; more than that FTS5 gathers itself, all at once. */
const wordsOfPrefix = 32
const gatheredRows = 100_000
/** Rows that one query reads at most, about 0.1 s; then it answers with the newest tickets that it found. */
const rowBudget = 300_000

export interface Hits {
  /** At most `hitLimit` rows, the most relevant first. */
  readonly rows: readonly TicketRow[]
  /** There are, or may be, more. */
  readonly capped: boolean
}

export interface SearchQueries {
  /** Tickets that hold every word of the query, anywhere; the last word may be a beginning, each may hold a slip. */
  readonly find: (filter: ListFilter, query: string) => Hits
}

/** What may stand in a ticket for one word of the query; nearer words count for more. */
type Term = readonly Alternative[]
interface Alternative {
  /** An expression of FTS5. */
  readonly match: string
  readonly worth: number
  /** Rows to read at first, where each reading is dear. */
  readonly first?: number
}

interface Scores {
  readonly scores: ReadonlyMap<number, number>
  readonly capped: boolean
}

/** bm25's rule for a word that stands there again and again: each time counts for less. */
const saturated = (weight: number): number => weight / (weight + 1.2)

export const searchQueries = (db: Database): SearchQueries => {
  const words = vocabulary(db)
  const filtered = viewFilter(db)
  const scopeOf = db.prepare<[string], number>('SELECT scope FROM search_scopes WHERE account = ?').pluck()
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
  // FTS5's own, from the newest row down; it starts at a row only when that is an integer, and numbers come as reals
  const rows = db
    .prepare<[string, number, number], number>(
      'SELECT rowid FROM search WHERE search MATCH ? AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC LIMIT ?',
    )
    .pluck()
  // the primary keys of search_tickets and tickets
  const shown = db.prepare<[string], TicketRow & { readonly hit: number }>(
    `SELECT ${ticketColumns}, s.key AS hit FROM json_each(?) j CROSS JOIN search_tickets s ON s.key = j.value
     CROSS JOIN tickets t ON t.id = s.ticket`,
  )

  const quoted = (scope: number, words: readonly string[], people: readonly number[]): string =>
    [...words.map((word) => wordToken(scope, word)), ...people.map((person) => personToken(scope, person))]
      .map((token) => `"${token}"`)
      .join(' OR ')

  const beginning = (scope: number, prefix: string, isAlone: boolean): Alternative => {
    const beyond = `${prefix}\u{10FFFF}`
    const people = [...new Set(nameBegins.all(scope, prefix, beyond))]
    const begun = wordBegins.all(scope, prefix, beyond)
    if (begun.length <= wordsOfPrefix) return { match: quoted(scope, [prefix, ...begun], people), worth: 1 }
    const match = [`"${wordToken(scope, prefix)}" *`, ...(people.length > 0 ? [quoted(scope, [], people)] : [])]
    return { match: match.join(' OR '), worth: 1, first: isAlone ? hitLimit * 8 : gatheredRows }
  }

  const exactly = (scope: number, word: string, worth: number): Alternative => ({
    match: quoted(scope, [word], named.all(scope, word)),
    worth,
  })

  const plainTerm = (scope: number, word: string, at: number, of: number): Term => [
    at === of - 1 && word.length >= shortestPrefix ? beginning(scope, word, of === 1) : exactly(scope, word, 1),
  ]

  /** The word as typed, and the real words that it may have been meant for. */
  const mendedTerm = (scope: number, word: string, at: number, of: number): Term => [
    ...plainTerm(scope, word, at, of),
    ...words.near(scope, word).map((near) => exactly(scope, near.word, near.edits > 1 ? 0.2 : 0.5)),
  ]

  const listOf = (term: Term, budget: Budget): Falling =>
    anyOf(
      term.map(({ match, worth, first }) => ({
        list: postings((below, limit) => rows.all(match, below, limit), budget, first),
        worth,
      })),
    )

  /** Tickets from the newest down that hold all terms and pass the filter, each with how well it fits. */
  const matching = (filter: ListFilter, scope: number, terms: readonly Term[]): Scores => {
    const budget = { left: rowBudget }
    const lists = terms.map((term) => listOf(term, budget))
    const scores = new Map<number, number>()
    for (const key of inAll([...lists, passing(filtered(filter, scope), budget)])) {
      if (scores.size === hitLimit) return { scores, capped: true }
      let score = 0
      if (scores.size <= rankLimit) for (const list of lists) score += saturated(list.weight(key))
      scores.set(key, score)
    }
    return { scores, capped: budget.left <= 0 }
  }

  /**
   * Nothing of the order depends on another account: bm25() of FTS5 counts the documents of all, so the score is made of
   * the query's own postings. How rare a word is would not matter: each hit holds every word.
   */
  const ranked = (scores: ReadonlyMap<number, number>): TicketRow[] => {
    const found = shown.all(JSON.stringify([...scores.keys()]))
    const scoreOf = (hit: number): number => (scores.size > rankLimit ? 0 : (scores.get(hit) ?? 0))
    return found.toSorted((a, b) => scoreOf(b.hit) - scoreOf(a.hit) || (a.updated < b.updated ? 1 : -1))
  }

  return {
    find: (filter, query) => {
      const typed = queryWords(query)
      const scope = filter.account === undefined ? everyScope : scopeOf.get(filter.account)
      if (typed.length === 0 || scope === undefined) return { rows: [], capped: false }
      const asked = (term: typeof plainTerm): Scores =>
        matching(
          filter,
          scope,
          typed.map((word, at) => term(scope, word, at, typed.length)),
        )
      const plain = asked(plainTerm)
      const { scores, capped } = plain.scores.size > 0 ? plain : asked(mendedTerm)
      return { rows: ranked(scores), capped }
    },
  }
}
