import type { Database } from 'better-sqlite3'
import { rowWriter } from '../cache/row-writer.ts'
import type { Held } from '../cache/row-cache.ts'
import { documentOf } from './postings.ts'

/** What is known of a ticket's texts. */
export interface Document {
  readonly key: number
  readonly scope: number
  /** Separated by spaces, as the people are. */
  words: string
  people: string
}

export interface Documents extends Held {
  readonly find: (ticket: string) => Document | undefined
  readonly add: (ticket: string, document: Document) => void
  /** The document was changed, and is to be written and indexed with the batch. */
  readonly changed: (document: Document) => void
  /** A text that stands in the index by itself, at this row. */
  readonly stand: (row: number, text: string) => void
}

/** Beyond so many documents those that are written are forgotten, and so many wait at most to be written. */
const most = 20_000

export const listed = (text: string): string[] => (text === '' ? [] : text.split(' '))

/**
 * Holds documents, so that one that changes often in a batch is indexed once. FTS5 empties what it holds itself
 * whenever a row comes before the one before: they are written in the order of their rows. `alone` as `holdRows`.
 */
export const holdDocuments = (db: Database, alone: boolean): Documents => {
  // the unique index of search_tickets, and the primary key of search_documents
  const find = db.prepare<[string], Document>(
    'SELECT key, scope, words, people FROM search_tickets JOIN search_documents USING (key) WHERE ticket = ?',
  )
  const write = rowWriter<Document>(
    db,
    'search_documents',
    ['key', 'words', 'people'],
    '(key) DO UPDATE SET words = excluded.words, people = excluded.people',
  )
  const index = db.prepare<[number, string]>('INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)')
  const held = new Map<string, Document>()
  const waiting = new Set<Document>()
  const standing = new Map<number, string>()

  const writeAll = (): void => {
    const documents = [...waiting].toSorted((a, b) => a.key - b.key)
    write(documents)
    for (const { key, scope, words, people } of documents) {
      index.run(key, documentOf(scope, listed(words), listed(people).map(Number)))
    }
    for (const [row, text] of [...standing].toSorted(([a], [b]) => a - b)) index.run(row, text)
    waiting.clear()
    standing.clear()
  }

  return {
    find: (ticket) => {
      const known = held.get(ticket) ?? find.get(ticket)
      if (known !== undefined) held.set(ticket, known)
      return known
    },
    add: (ticket, document) => {
      held.set(ticket, document)
      waiting.add(document)
    },
    changed: (document) => {
      if (waiting.add(document).size >= most) writeAll()
    },
    stand: (row, text) => void standing.set(row, text),
    settle: () => {
      writeAll()
      if (!alone || held.size > most) held.clear()
    },
    forget: () => {
      for (const all of [held, waiting, standing]) all.clear()
    },
  }
}
