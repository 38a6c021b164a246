import type { Database } from 'better-sqlite3'
import { erased, type Recorded } from '../../domain/events/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Projection } from '../projection.ts'
import { documentOf, everyScope } from './postings.ts'
import { searchQueries, type SearchQueries } from './query.ts'
import { wordsOf } from './words.ts'

/**
 * Finding tickets by subject, description, comments and the present names of their authors. FTS5 holds the postings,
 * one document for each ticket with each of its words once; the vocabulary turns slips of the fingers into real words
 * (architecture, decision 12).
 */

interface Document {
  readonly key: number
  readonly scope: number
  readonly words: string
  readonly people: string
}

interface NamedPerson {
  readonly key: number
  readonly name: string
}

const listed = (text: string): string[] => (text === '' ? [] : text.split(' '))

const handlers = (db: Database) => {
  const findScope = db.prepare<[string], number>('SELECT scope FROM search_scopes WHERE account = ?').pluck()
  const addScope = db.prepare<[string]>('INSERT INTO search_scopes (account, n) VALUES (?, 0)')
  const addWord = db.prepare('INSERT INTO search_vocabulary (scope, word) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const grow = db.prepare('UPDATE search_scopes SET n = n + ? WHERE scope = ?')
  const find = db.prepare<[string], Document>('SELECT key, scope, words, people FROM search_tickets WHERE ticket = ?')
  const add = db.prepare('INSERT INTO search_tickets (ticket, scope, words, people) VALUES (?, ?, ?, ?)')
  const change = db.prepare('UPDATE search_tickets SET words = ?, people = ? WHERE key = ?')
  const index = db.prepare('INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)')
  const findPerson = db.prepare<[string], NamedPerson>('SELECT key, name FROM search_people WHERE id = ?')
  const addPerson = db.prepare("INSERT INTO search_people (id, name) VALUES (?, '')")
  const rename = db.prepare('UPDATE search_people SET name = ? WHERE key = ?')
  const dropNames = db.prepare('DELETE FROM search_names WHERE person = ?')
  const addName = db.prepare('INSERT INTO search_names (word, person) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const takesPart = db.prepare('INSERT INTO search_participants (person, scope) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const scopesOf = db.prepare<[number], number>('SELECT scope FROM search_participants WHERE person = ?').pluck()

  const learn = (scope: number, words: readonly string[]): void => {
    let learned = 0
    for (const word of words) learned += addWord.run(scope, word).changes
    if (learned > 0) grow.run(learned, scope)
  }

  const personOf = (id: string): NamedPerson =>
    findPerson.get(id) ?? { key: Number(addPerson.run(id).lastInsertRowid), name: '' }

  /** The person's words become those of the new name, in every scope that knows the person. */
  const named = (id: string, name: string): void => {
    const person = personOf(id)
    if (person.name === name) return
    rename.run(name, person.key)
    dropNames.run(person.key)
    const words = wordsOf(name)
    for (const word of words) addName.run(word, person.key)
    for (const scope of [everyScope, ...scopesOf.all(person.key)]) learn(scope, words)
  }

  const write = (ticket: string, text: string, author: string): void => {
    const document = find.get(ticket)
    if (document === undefined) return
    const held = listed(document.words)
    const words = [...new Set([...held, ...wordsOf(text)])]
    const { key: person, name } = personOf(author)
    const people = [...new Set([...listed(document.people).map(Number), person])]
    if (takesPart.run(person, document.scope).changes > 0) learn(document.scope, wordsOf(name))
    if (words.length === held.length && people.length === listed(document.people).length) return
    learn(document.scope, words.slice(held.length))
    learn(everyScope, words.slice(held.length))
    change.run(words.join(' '), people.join(' '), document.key)
    index.run(document.key, documentOf(document.scope, words, people))
  }

  return {
    any: ({ actor, personal }: Recorded): void => {
      if (personal !== erased) named(actor.id, personal.actor.name)
    },
    Opened: ({ stream, data, personal }: Extract<Recorded, { type: 'Opened' }>): void => {
      const ticket = ticketOfStream(stream) ?? ''
      const scope = findScope.get(data.account) ?? Number(addScope.run(data.account).lastInsertRowid)
      add.run(ticket, scope, '', '')
      if (personal !== erased) named(data.author.id, personal.author.name)
      write(ticket, personal === erased ? '' : `${personal.subject} ${personal.description}`, data.author.id)
    },
    CommentAdded: ({ stream, actor, personal }: Extract<Recorded, { type: 'CommentAdded' }>): void =>
      write(ticketOfStream(stream) ?? '', personal === erased ? '' : personal.body, actor.id),
  }
}

export const search: Projection<SearchQueries> = {
  name: 'search',
  version: 1,
  tables: `
    CREATE TABLE search_scopes (scope INTEGER PRIMARY KEY, account TEXT UNIQUE, n INTEGER NOT NULL) STRICT;
    INSERT INTO search_scopes (scope, account, n) VALUES (0, NULL, 0);
    CREATE TABLE search_vocabulary (
      scope INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (scope, word)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_tickets (
      key INTEGER PRIMARY KEY, ticket TEXT NOT NULL UNIQUE, scope INTEGER NOT NULL, words TEXT NOT NULL, people TEXT NOT NULL
    ) STRICT;
    CREATE TABLE search_people (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
    CREATE TABLE search_names (word TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (word, person)) STRICT, WITHOUT ROWID;
    CREATE INDEX search_names_of_person ON search_names (person);
    CREATE TABLE search_participants (
      person INTEGER NOT NULL, scope INTEGER NOT NULL, PRIMARY KEY (person, scope)
    ) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE search USING fts5 (
      words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
    );
  `,
  on: handlers,
  queries: searchQueries,
}
