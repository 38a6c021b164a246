import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOf, ticketOfStream, type AccountId, type PersonId, type TicketId } from '../../domain/ids.ts'
import type { Status } from '../../domain/ticket/status.ts'
import type { CacheContext } from '../cache/cache.ts'
import type { Handlers, Projection } from '../projection.ts'
import { documentCache, listed } from './documents.ts'
import { searchPeople } from './people.ts'
import { documentOf, messageRow, wordsOf } from './tokens.ts'
import { searchQueries, type SearchQueries } from './query.ts'
import { vocabularyWriter } from './vocabulary.ts'

/**
 * Finds tickets by subject, description, comments and the present names of their authors. FTS5 holds the postings, one
 * document per ticket with each of its words once; the vocabulary maps typing errors to real words
 * (docs/adr/0018-search-in-two-layers.md).
 */

/** The most words of a ticket's document; rewriting it then takes about 1 ms. */
const documentWords = 600

const handlers = (context: CacheContext): Handlers => {
  const { db } = context
  const findScope = db.prepare<[AccountId], number>('SELECT scope FROM search_scopes WHERE account = ?').pluck()
  const addScope = db.prepare<[AccountId]>('INSERT INTO search_scopes (account, n) VALUES (?, 0)')
  const add = db.prepare(
    "INSERT INTO search_tickets (ticket, scope, category, status, archived, long) VALUES (?, ?, ?, 'open', 0, 0)",
  )
  const setStatus = db.prepare('UPDATE search_tickets SET status = ?, archived = ? WHERE ticket = ?')
  const lengthen = db.prepare('UPDATE search_tickets SET long = 1 WHERE key = ? AND long = 0')
  const documents = documentCache(context)
  const addWords = vocabularyWriter(context)
  const authors = searchPeople(context, addWords)

  const write = (ticket: TicketId, version: number, text: string, author: PersonId): void => {
    const document = documents.find(ticket)
    if (document === undefined) return
    const { key, scope } = document
    const present = listed(document.words)
    const known = new Set(present)
    const added = [...new Set(wordsOf(text))].filter((word) => !known.has(word))
    const people = listed(document.people).map(Number)
    const person = authors.takesPart(author, scope)
    const isNewAuthor = !people.includes(person)
    if (added.length === 0 && !isNewAuthor) return
    addWords(scope, added)
    if (present.length > 0 && present.length + added.length > documentWords) {
      lengthen.run(key)
      documents.addMessage(messageRow(key, version), documentOf(scope, added, isNewAuthor ? [person] : []))
      return
    }
    if (isNewAuthor) people.push(person)
    document.words = [...present, ...added].join(' ')
    document.people = people.join(' ')
    documents.changed(document)
  }
  const changeStatus = ({ stream }: RecordedEvent, status: Status): void =>
    void setStatus.run(status, status === 'closed' ? 1 : 0, ticketOfStream(stream))

  return {
    everyEvent: ({ actor, personal }) => {
      if (personal !== erased) authors.named(actor.id, personal.actor.name)
    },
    Opened: (event) => {
      const { version, data, personal } = event
      const scope = findScope.get(data.account) ?? Number(addScope.run(data.account).lastInsertRowid)
      const ticket = ticketOf(event)
      const key = Number(add.run(ticket, scope, data.category.id).lastInsertRowid)
      documents.add(ticket, { key, scope, words: '', people: '' })
      if (personal !== erased) authors.named(data.author.id, personal.author.name)
      write(ticket, version, personal === erased ? '' : `${personal.subject} ${personal.description}`, data.author.id)
    },
    CommentAdded: (event) => {
      const { version, actor, personal } = event
      write(ticketOf(event), version, personal === erased ? '' : personal.body, actor.id)
    },
    StatusChanged: (event) => changeStatus(event, event.data.to),
    Closed: (event) => changeStatus(event, 'closed'),
    Reopened: (event) => changeStatus(event, 'open'),
  }
}

export const search: Projection<SearchQueries> = {
  name: 'search',
  version: 4,
  readsFrom: ['tickets'],
  tables: `
    CREATE TABLE search_scopes (scope INTEGER PRIMARY KEY, account TEXT UNIQUE, n INTEGER NOT NULL) STRICT;
    INSERT INTO search_scopes (scope, account, n) VALUES (0, NULL, 0);
    CREATE TABLE search_vocabulary (
      scope INTEGER NOT NULL, word TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (scope, word)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX search_words_by_number ON search_vocabulary (scope, n);
    CREATE TABLE search_tickets (
      key INTEGER PRIMARY KEY, ticket TEXT NOT NULL UNIQUE, scope INTEGER NOT NULL,
      category TEXT NOT NULL, status TEXT NOT NULL, archived INTEGER NOT NULL,
      -- whether later messages are indexed at rows of their own
      long INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX search_long_tickets ON search_tickets (key) WHERE long = 1;
    CREATE INDEX search_long_tickets_of_account ON search_tickets (scope, key) WHERE long = 1;
    -- a table of its own, so that the rows that a filter reads stay small
    CREATE TABLE search_documents (key INTEGER PRIMARY KEY, words TEXT NOT NULL, people TEXT NOT NULL) STRICT;
    CREATE TABLE search_people (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
    CREATE TABLE search_names (
      scope INTEGER NOT NULL, word TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (scope, word, person)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX search_names_of_person ON search_names (person);
    CREATE TABLE search_participants (
      person INTEGER NOT NULL, scope INTEGER NOT NULL, PRIMARY KEY (person, scope)
    ) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE search USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
  `,
  on: handlers,
  queries: searchQueries,
}
