import type { Database } from 'better-sqlite3'
import { conditions, statementCache, ticketColumns, type ListFilter, type TicketRow } from '../ticket-list.ts'
import { everyScope, personToken, wordToken } from './postings.ts'
import { vocabulary } from './vocabulary.ts'
import { queryWords, wordsOf } from './words.ts'

/** By relevance nobody pages further; more hits are said to be more (rulings, 19). */
const hitLimit = 1_000
/** A prefix shorter than this is looked up as a whole word. */
const shortestPrefix = 2
const peopleLimit = 50

export interface Hits {
  /** At most `hitLimit` rows, the most relevant first. */
  readonly rows: readonly TicketRow[]
  readonly capped: boolean
}

export interface SearchQueries {
  /** Tickets that hold every word of the query, anywhere; the last word may be a beginning, each may hold a slip. */
  readonly find: (filter: ListFilter, query: string) => Hits
}

export const searchQueries = (db: Database): SearchQueries => {
  const words = vocabulary(db)
  const prepared = statementCache(db)
  const scopeOf = db.prepare<[string], number>('SELECT scope FROM search_scopes WHERE account = ?').pluck()
  const inScope =
    'EXISTS (SELECT 1 FROM search_participants p WHERE p.person = n.person AND (p.scope = :scope OR :scope = 0))'
  const peopleNamed = db
    .prepare<{ word: string; scope: number }, number>(
      `SELECT DISTINCT n.person FROM search_names n WHERE n.word = :word AND ${inScope} LIMIT ${peopleLimit}`,
    )
    .pluck()
  const peopleBeginning = db
    .prepare<{ word: string; beyond: string; scope: number }, number>(
      `SELECT DISTINCT n.person FROM search_names n WHERE n.word >= :word AND n.word < :beyond AND ${inScope} LIMIT ${peopleLimit}`,
    )
    .pluck()

  const quoted = (tokens: readonly string[]): string[] => tokens.map((token) => `"${token}"`)

  const exactly = (scope: number, word: string): string[] =>
    quoted([wordToken(scope, word), ...peopleNamed.all({ word, scope }).map((person) => personToken(scope, person))])

  const beginning = (scope: number, word: string): string[] => [
    `"${wordToken(scope, word)}" *`,
    ...quoted(
      peopleBeginning.all({ word, beyond: `${word}\u{10FFFF}`, scope }).map((person) => personToken(scope, person)),
    ),
  ]

  const plainTerm = (scope: number, word: string, isLast: boolean): string[] =>
    isLast && word.length >= shortestPrefix ? beginning(scope, word) : exactly(scope, word)

  /** The word as typed, and the real words that it may have been meant for. */
  const mendedTerm = (scope: number, word: string, isLast: boolean): string[] => [
    ...plainTerm(scope, word, isLast),
    ...words.near(scope, word).flatMap((near) => exactly(scope, near)),
  ]

  const matching = (filter: ListFilter, terms: readonly (readonly string[])[]): TicketRow[] => {
    const { sql, values } = conditions(filter)
    const match = terms.map((term) => `(${term.join(' OR ')})`).join(' AND ')
    // FTS5 walks its postings from the newest ticket down, so that a common word stops early.
    const text = `SELECT ${ticketColumns} FROM search f JOIN search_tickets s ON s.key = f.rowid
      JOIN tickets t ON t.id = s.ticket WHERE f.search MATCH ? AND ${sql} ORDER BY f.rowid DESC LIMIT ${hitLimit + 1}`
    return prepared(text).all(match, ...values) as TicketRow[]
  }

  return {
    find: (filter, query) => {
      const typed = queryWords(query)
      const scope = filter.account === undefined ? everyScope : scopeOf.get(filter.account)
      if (typed.length === 0 || scope === undefined) return { rows: [], capped: false }
      const asked = (term: typeof plainTerm) =>
        matching(
          filter,
          typed.map((word, at) => term(scope, word, at === typed.length - 1)),
        )
      const plain = asked(plainTerm)
      const found = plain.length > 0 ? plain : asked(mendedTerm)
      return { rows: ranked(found.slice(0, hitLimit), typed), capped: found.length > hitLimit }
    },
  }
}

/**
 * Words in the subject count most, then the latest update. Nothing of the order depends on other accounts' tickets, as
 * bm25's document counts would.
 */
const ranked = (rows: readonly TicketRow[], typed: readonly string[]): TicketRow[] => {
  const scores = new Map<string, number>()
  for (const { id, subject } of rows) {
    const inSubject = new Set(wordsOf(subject ?? ''))
    scores.set(
      id,
      typed.reduce((score, word) => score + (inSubject.has(word) ? 1 : 0), 0),
    )
  }
  const scoreOf = ({ id }: TicketRow): number => scores.get(id) ?? 0
  return rows.toSorted((a, b) => scoreOf(b) - scoreOf(a) || (a.updated < b.updated ? 1 : -1))
}
