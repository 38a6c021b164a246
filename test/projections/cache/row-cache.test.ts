import Sqlite, { type Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheContext } from '../../../projections/cache/cache.ts'
import { latestRowCache } from '../../../projections/cache/latest-row-cache.ts'
import { rowCache } from '../../../projections/cache/row-cache.ts'
import { setCache } from '../../../projections/cache/set-cache.ts'
import { defineTable, integer, nullable, text } from '../../../projections/cache/table.ts'

const pairTable = defineTable('pairs', { a: text, b: text, n: integer, text: nullable(text) }, { key: ['a', 'b'] })
const numberedTable = defineTable('numbered', { a: text, n: integer }, { key: ['a'], numbered: 'key' })
const listTable = defineTable('lists', { a: text, b: text, at: integer, kinds: integer }, { key: ['a', 'b', 'at'] })
const memberTable = defineTable('members', { of: text, who: text }, { key: ['of', 'who'] })

const tables = `
  ${pairTable.sql}${numberedTable.sql}${listTable.sql}${memberTable.sql}
  CREATE TABLE written (what TEXT NOT NULL) STRICT;
  CREATE TRIGGER pairs_n AFTER UPDATE OF n ON pairs BEGIN INSERT INTO written VALUES ('n'); END;
  CREATE TRIGGER pairs_text AFTER UPDATE OF text ON pairs BEGIN INSERT INTO written VALUES ('text'); END;
`

const withTables = (use: (db: Database) => void): void => {
  const db = new Sqlite(':memory:')
  try {
    db.exec(tables)
    use(db)
  } finally {
    db.close()
  }
}
const pairs = (db: Database, exclusive: boolean) => rowCache(cacheContext(db, exclusive), pairTable)
const rowsOf = (db: Database, table: string): unknown[] => db.prepare(`SELECT * FROM ${table}`).raw().all()
/** More than are held in memory. */
const many = 60_000

const test = suite('rows cache in memory')

for (const exclusive of [false, true]) {
  const how = exclusive ? 'exclusive' : 'shared'

  test(`${how}: a row is written by the flush, once, as it is then`, () =>
    withTables((db) => {
      const cache = pairs(db, exclusive)
      assert.is(cache.get('x', 'y'), undefined)
      const row = cache.add({ a: 'x', b: 'y', n: 1, text: null })
      row.n = 2
      assert.is(cache.change('x', 'y'), row)
      assert.equal(rowsOf(db, 'pairs'), [])
      cache.flush()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 2, null]])
      const again = cache.change('x', 'y')
      if (again !== undefined) again.text = 'later'
      cache.flush()
      cache.flush()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 2, 'later']])
      assert.is(cache.get('x', 'z'), undefined)
    }))

  test(`${how}: after a discard rows are read from the table`, () =>
    withTables((db) => {
      const cache = pairs(db, exclusive)
      cache.add({ a: 'x', b: 'y', n: 1, text: null })
      cache.flush()
      const row = cache.change('x', 'y')
      if (row !== undefined) row.n = 9
      cache.add({ a: 'new', b: 'one', n: 1, text: null })
      cache.discard()
      assert.equal({ ...cache.get('x', 'y') }, { a: 'x', b: 'y', n: 1, text: null })
      assert.is(cache.get('new', 'one'), undefined)
      assert.not(cache.isComplete())
      cache.flush()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 1, null]])
    }))

  test(`${how}: the latest row of each list, written before or not`, () =>
    withTables((db) => {
      db.exec("INSERT INTO lists VALUES ('x', 'y', 1, 1), ('x', 'y', 5, 1), ('x', 'z', 9, 1)")
      const cache = latestRowCache(cacheContext(db, exclusive), listTable)
      const last = cache.get('x', 'y')
      assert.is(last?.at, 5)
      if (last !== undefined) {
        last.kinds = 3
        cache.put(last)
      }
      cache.put({ a: 'x', b: 'y', at: 7, kinds: 4 })
      assert.is(cache.get('x', 'y')?.at, 7)
      cache.flush()
      assert.is(cache.get('x', 'y')?.at, 7)
      assert.is(cache.get('x', 'z')?.at, 9)
      assert.is(cache.get('none', ''), undefined)
      assert.equal(rowsOf(db, 'lists'), [
        ['x', 'y', 1, 1],
        ['x', 'y', 5, 3],
        ['x', 'y', 7, 4],
        ['x', 'z', 9, 1],
      ])
    }))

  test(`${how}: members are added once and stay`, () =>
    withTables((db) => {
      db.exec("INSERT INTO members VALUES ('t', 'ann')")
      const cache = setCache(cacheContext(db, exclusive), memberTable)
      for (const who of ['bob', 'ann', 'bob']) cache.add('t', who)
      assert.equal([...cache.members('t')].toSorted(), ['ann', 'bob'])
      assert.equal([...cache.members('none')], [])
      cache.flush()
      assert.equal([...cache.members('t')].toSorted(), ['ann', 'bob'])
      assert.equal(rowsOf(db, 'members'), [
        ['t', 'ann'],
        ['t', 'bob'],
      ])
    }))

  test(`${how}: numbered rows get their numbers in the order in which they were made`, () =>
    withTables((db) => {
      const cache = rowCache(cacheContext(db, exclusive), numberedTable)
      for (const a of ['z', 'a', 'm']) cache.add({ a, n: 0 })
      cache.flush()
      const row = cache.change('a')
      if (row !== undefined) row.n = 1
      cache.add({ a: 'b', n: 0 })
      cache.flush()
      assert.equal(rowsOf(db, 'numbered'), [
        [1, 'z', 0],
        [2, 'a', 1],
        [3, 'm', 0],
        [4, 'b', 0],
      ])
    }))
}

test('every cache is flushed and discarded with the context that it was made from', () =>
  withTables((db) => {
    const context = cacheContext(db, true)
    const [row, latest, set] = [
      rowCache(context, pairTable),
      latestRowCache(context, listTable),
      setCache(context, memberTable),
    ]
    const fill = (key: string): void => {
      row.add({ a: key, b: 'b', n: 1, text: null })
      latest.put({ a: key, b: 'b', at: 1, kinds: 1 })
      set.add(key, 'ann')
    }
    fill('written')
    context.flush()
    fill('dropped')
    context.discard()
    context.flush()
    for (const table of ['pairs', 'lists', 'members']) {
      assert.equal(
        rowsOf(db, table).map((each) => (Array.isArray(each) ? each[0] : undefined)),
        ['written'],
        table,
      )
    }
  }))

test('shared: only the columns that changed are written, and what others wrote is read', () =>
  withTables((db) => {
    const cache = pairs(db, false)
    cache.add({ a: 'x', b: 'y', n: 1, text: null })
    cache.flush()
    db.exec("UPDATE pairs SET text = 'theirs'; DELETE FROM written")
    const row = cache.change('x', 'y')
    assert.is(row?.text, 'theirs')
    if (row !== undefined) row.n = 2
    cache.flush()
    assert.equal(rowsOf(db, 'written'), [['n']])
    cache.change('x', 'y')
    cache.flush()
    assert.equal(rowsOf(db, 'written'), [['n']], 'nothing changed, nothing written')
  }))

test('exclusive: more rows than are held in memory are all found, and can be changed', () =>
  withTables((db) => {
    const cache = pairs(db, true)
    const members = setCache(cacheContext(db, true), memberTable)
    for (let n = 0; n < many; n++) {
      cache.add({ a: `a${n}`, b: 'b', n, text: null })
      members.add(`t${n}`, 'ann')
    }
    cache.flush()
    members.flush()
    for (const n of [0, 1, many - 1]) {
      const row = cache.change(`a${n}`, 'b')
      assert.is(row?.n, n)
      if (row !== undefined) row.text = 'again'
      members.add(`t${n}`, 'bob')
      assert.equal([...members.members(`t${n}`)].toSorted(), ['ann', 'bob'])
    }
    assert.is(cache.get('a1', 'none'), undefined)
    assert.ok(cache.isComplete(), 'evicted rows included')
    cache.flush()
    members.flush()
    assert.is(db.prepare('SELECT count(*) FROM pairs').pluck().get(), many)
    assert.is(db.prepare("SELECT count(*) FROM pairs WHERE text = 'again'").pluck().get(), 3)
    assert.is(db.prepare('SELECT count(*) FROM members').pluck().get(), many + 3)
  }))

test.run()
