import type { TicketId } from '../../domain/ids.ts'
import { rowWriter, type Cache, type CacheContext } from '../cache/cache.ts'
import { documentOf, type SearchScope } from './tokens.ts'

/** A ticket's words and people, as they are indexed. */
export interface Document {
  readonly key: number
  readonly scope: SearchScope
  /** Separated by spaces, as the people are. */
  words: string
  people: string
}

export interface DocumentCache {
  readonly find: (ticket: TicketId) => Document | undefined
  readonly add: (ticket: TicketId, document: Document) => void
  /** The document was modified: it is written and indexed with the batch. */
  readonly changed: (document: Document) => void
  /** Indexes a text at a row of its own, apart from its ticket's document. */
  readonly addMessage: (row: number, text: string) => void
}

/** Above this many documents, written ones are evicted; as many may be unwritten. */
const most = 20_000

export const listed = (text: string): string[] => (text === '' ? [] : text.split(' '))

/**
 * Holds documents, so that one that changes often in a batch is indexed once. They are written in the order of their
 * rows, because FTS5 flushes its own memory whenever a row id is lower than the one before.
 */
export const documentCache = ({ db, exclusive, register }: CacheContext): DocumentCache => {
  // the unique index of search_tickets, and the primary key of search_documents
  const find = db.prepare<[TicketId], Document>(
    'SELECT key, scope, words, people FROM search_tickets JOIN search_documents USING (key) WHERE ticket = ?',
  )
  const write = rowWriter<Document>(
    db,
    'search_documents',
    ['key', 'words', 'people'],
    '(key) DO UPDATE SET words = excluded.words, people = excluded.people',
  )
  const index = db.prepare<[number, string]>('INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)')
  const documents = new Map<TicketId, Document>()
  const unwritten = new Set<Document>()
  const messages = new Map<number, string>()

  const writeAll = (): void => {
    const sorted = [...unwritten].toSorted((a, b) => a.key - b.key)
    write(sorted)
    for (const { key, scope, words, people } of sorted) {
      index.run(key, documentOf(scope, listed(words), listed(people).map(Number)))
    }
    for (const [row, text] of [...messages].toSorted(([a], [b]) => a - b)) index.run(row, text)
    unwritten.clear()
    messages.clear()
  }
  const cache: Cache = {
    flush: () => {
      writeAll()
      if (!exclusive || documents.size > most) documents.clear()
    },
    discard: () => {
      for (const all of [documents, unwritten, messages]) all.clear()
    },
  }
  register(cache)

  return {
    find: (ticket) => {
      const known = documents.get(ticket) ?? find.get(ticket)
      if (known !== undefined) documents.set(ticket, known)
      return known
    },
    add: (ticket, document) => {
      documents.set(ticket, document)
      unwritten.add(document)
    },
    changed: (document) => {
      if (unwritten.add(document).size >= most) writeAll()
    },
    addMessage: (row, text) => void messages.set(row, text),
  }
}
