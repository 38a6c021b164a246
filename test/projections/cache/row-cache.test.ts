import Sqlite, { type Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holdGroups } from '../../../projections/cache/set-cache.ts'
import { holdNewest } from '../../../projections/cache/latest-row-cache.ts'
import { holdRows } from '../../../projections/cache/row-cache.ts'

interface Row {
  readonly a: string
  readonly b: string
  n: number
  text: string | null
}

const tables = `
  CREATE TABLE pairs (a TEXT NOT NULL, b TEXT NOT NULL, n INTEGER NOT NULL, text TEXT, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
  CREATE TABLE numbered (key INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE, n INTEGER NOT NULL) STRICT;
  CREATE TABLE lists (a TEXT NOT NULL, b TEXT NOT NULL, at INTEGER NOT NULL, kinds INTEGER NOT NULL, PRIMARY KEY (a, b, at)) STRICT, WITHOUT ROWID;
  CREATE TABLE members (of TEXT NOT NULL, who TEXT NOT NULL, PRIMARY KEY (of, who)) STRICT, WITHOUT ROWID;
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
const pairs = (db: Database, alone: boolean) => holdRows<Row>(db, 'pairs', ['a', 'b'], ['n', 'text'], alone)
const rowsOf = (db: Database, table: string): unknown[] => db.prepare(`SELECT * FROM ${table}`).raw().all()
/** More than are held at once. */
const many = 60_000

const test = suite('rows held in memory')

for (const alone of [false, true]) {
  const how = alone ? 'alone' : 'with others'

  test(`${how}: a row is written at the batch's end, once, as it is then`, () =>
    withTables((db) => {
      const held = pairs(db, alone)
      assert.is(held.get('x', 'y'), undefined)
      const row = held.add({ a: 'x', b: 'y', n: 1, text: null })
      row.n = 2
      assert.is(held.change('x', 'y'), row)
      assert.equal(rowsOf(db, 'pairs'), [])
      held.settle()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 2, null]])
      const again = held.change('x', 'y')
      if (again !== undefined) again.text = 'later'
      held.settle()
      held.settle()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 2, 'later']])
      assert.is(held.get('x', 'z'), undefined)
    }))

  test(`${how}: what is forgotten is as the table has it`, () =>
    withTables((db) => {
      const held = pairs(db, alone)
      held.add({ a: 'x', b: 'y', n: 1, text: null })
      held.settle()
      const row = held.change('x', 'y')
      if (row !== undefined) row.n = 9
      held.add({ a: 'new', b: 'one', n: 1, text: null })
      held.forget()
      assert.equal({ ...held.get('x', 'y') }, { a: 'x', b: 'y', n: 1, text: null })
      assert.is(held.get('new', 'one'), undefined)
      assert.not(held.sawAll())
      held.settle()
      assert.equal(rowsOf(db, 'pairs'), [['x', 'y', 1, null]])
    }))

  test(`${how}: the newest row of each list, whatever was written before`, () =>
    withTables((db) => {
      db.exec("INSERT INTO lists VALUES ('x', 'y', 1, 1), ('x', 'y', 5, 1), ('x', 'z', 9, 1)")
      const held = holdNewest<{ a: string; b: string; at: number; kinds: number }>(
        db,
        'lists',
        ['a', 'b', 'at'],
        ['kinds'],
        alone,
      )
      const last = held.get('x', 'y')
      assert.is(last?.at, 5)
      if (last !== undefined) {
        last.kinds = 3
        held.put(last)
      }
      held.put({ a: 'x', b: 'y', at: 7, kinds: 4 })
      assert.is(held.get('x', 'y')?.at, 7)
      held.settle()
      assert.is(held.get('x', 'y')?.at, 7)
      assert.is(held.get('x', 'z')?.at, 9)
      assert.is(held.get('none', ''), undefined)
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
      const held = holdGroups(db, 'members', ['of', 'who'], alone)
      for (const who of ['bob', 'ann', 'bob']) held.add('t', who)
      assert.equal([...held.members('t')].toSorted(), ['ann', 'bob'])
      assert.equal([...held.members('none')], [])
      held.settle()
      assert.equal([...held.members('t')].toSorted(), ['ann', 'bob'])
      assert.equal(rowsOf(db, 'members'), [
        ['t', 'ann'],
        ['t', 'bob'],
      ])
    }))

  test(`${how}: numbered rows get their numbers in the order in which they were made`, () =>
    withTables((db) => {
      const held = holdRows<{ a: string; n: number }>(db, 'numbered', ['a'], ['n'], alone)
      for (const a of ['z', 'a', 'm']) held.add({ a, n: 0 })
      held.settle()
      const row = held.change('a')
      if (row !== undefined) row.n = 1
      held.add({ a: 'b', n: 0 })
      held.settle()
      assert.equal(rowsOf(db, 'numbered'), [
        [1, 'z', 0],
        [2, 'a', 1],
        [3, 'm', 0],
        [4, 'b', 0],
      ])
    }))
}

test('with others, only the columns that changed are written, and what they wrote is seen', () =>
  withTables((db) => {
    const held = pairs(db, false)
    held.add({ a: 'x', b: 'y', n: 1, text: null })
    held.settle()
    db.exec("UPDATE pairs SET text = 'theirs'; DELETE FROM written")
    const row = held.change('x', 'y')
    assert.is(row?.text, 'theirs')
    if (row !== undefined) row.n = 2
    held.settle()
    assert.equal(rowsOf(db, 'written'), [['n']])
    held.change('x', 'y')
    held.settle()
    assert.equal(rowsOf(db, 'written'), [['n']], 'nothing changed, nothing written')
  }))

test('alone, more rows than are held at once are all there, and can be changed', () =>
  withTables((db) => {
    const held = pairs(db, true)
    const newest = holdGroups(db, 'members', ['of', 'who'], true)
    for (let n = 0; n < many; n++) {
      held.add({ a: `a${n}`, b: 'b', n, text: null })
      newest.add(`t${n}`, 'ann')
    }
    held.settle()
    newest.settle()
    for (const n of [0, 1, many - 1]) {
      const row = held.change(`a${n}`, 'b')
      assert.is(row?.n, n)
      if (row !== undefined) row.text = 'again'
      newest.add(`t${n}`, 'bob')
      assert.equal([...newest.members(`t${n}`)].toSorted(), ['ann', 'bob'])
    }
    assert.is(held.get('a1', 'none'), undefined)
    assert.ok(held.sawAll(), 'all went by here, held or not')
    held.settle()
    newest.settle()
    assert.is(db.prepare('SELECT count(*) FROM pairs').pluck().get(), many)
    assert.is(db.prepare("SELECT count(*) FROM pairs WHERE text = 'again'").pluck().get(), 3)
    assert.is(db.prepare('SELECT count(*) FROM members').pluck().get(), many + 3)
  }))

test.run()
