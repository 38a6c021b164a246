import Database from 'better-sqlite3'
import FlexSearch from 'flexsearch'
import MiniSearch from 'minisearch'

/** Each function indexes whole messages; the result returns the indexes of those that a query finds, best first. */

export const miniSearch = (messages) => {
  const index = new MiniSearch({ fields: ['text'], searchOptions: { prefix: true, fuzzy: 0.2, combineWith: 'AND' } })
  index.addAll(messages.map((text, id) => ({ id, text })))
  return (query) =>
    index
      .search(query)
      .slice(0, 50)
      .map(({ id }) => id)
}

export const flexSearch = (messages) => {
  const index = new FlexSearch.Index({ tokenize: 'forward' })
  messages.forEach((text, id) => index.add(id, text))
  return (query) => index.search(query, { limit: 50 })
}

export const fts5 = (messages) => {
  const db = new Database(':memory:')
  db.exec('CREATE VIRTUAL TABLE search USING fts5(text)')
  const add = db.prepare('INSERT INTO search (rowid, text) VALUES (?, ?)')
  db.transaction(() => messages.forEach((text, id) => add.run(id, text)))()
  const find = db.prepare('SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT 50').pluck()
  return (query) =>
    find.all(
      query
        .split(' ')
        .map((word) => `"${word.replaceAll('"', '')}"*`)
        .join(' '),
    )
}
