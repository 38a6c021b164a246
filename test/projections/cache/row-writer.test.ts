import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rowWriter } from '../../../projections/cache/cache.ts'

interface Row {
  readonly a: string
  readonly n: number | null
}

const test = suite('row writer')

const written = (batches: readonly (readonly Row[])[]): unknown[] => {
  const db = new Sqlite(':memory:')
  db.exec('CREATE TABLE pairs (key INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE, n INTEGER) STRICT')
  const write = rowWriter<Row>(db, 'pairs', ['a', 'n'], '(a) DO UPDATE SET n = excluded.n')
  for (const rows of batches) write(rows)
  const all = db.prepare('SELECT a, n FROM pairs ORDER BY key').all()
  db.close()
  return all
}

for (const count of [0, 1, 31, 32, 33, 64, 65, 100]) {
  test(`${count} rows are written once each, in their order`, () => {
    const rows = Array.from({ length: count }, (_, n) => ({ a: `row ${n}`, n: n % 7 === 0 ? null : n }))
    assert.equal(written([rows]), rows)
  })
}

test('a row whose key is there takes its place', () => {
  const rows = Array.from({ length: 70 }, (_, n) => ({ a: `row ${n}`, n }))
  const later = rows.map(({ a, n }) => ({ a, n: n + 1_000 }))
  assert.equal(written([rows, later]), later)
})

test('a row that the table refuses is thrown, among many too', () => {
  const rows = Array.from({ length: 40 }, (_, n) => ({ a: `row ${n}`, n: n === 20 ? 0.5 : n }))
  assert.throws(() => written([rows]), /cannot store REAL value in INTEGER column/)
})

test.run()
