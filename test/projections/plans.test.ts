import type { Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheContext } from '../../projections/cache/cache.ts'
import { helpdesk } from '../../projections/registry.ts'
import { withProjections } from '../support/projection-specs.ts'

const test = suite('plans')

/** A database that records the statements that are prepared. */
const recording = (db: Database, statements: string[]): Database =>
  new Proxy(db, {
    get: (target, key) => {
      if (key !== 'prepare') return Reflect.get(target, key, target)
      return (sql: string) => {
        statements.push(sql)
        return target.prepare(sql)
      }
    },
  })

/** Allowed to be read whole: a list of ids given as JSON, FTS5's own scan, and the team, which is small. */
const allowedScan = /^SCAN (j VIRTUAL TABLE|(search|f) VIRTUAL TABLE INDEX \d+:[=<>]*M\d+|(told_)?team$)/

const models = Object.values(helpdesk)
for (const model of models) {
  test(`every statement of ${model.name} uses an index, and none sorts`, () => {
    withProjections(models, (db) => {
      const statements: string[] = []
      const recorded = recording(db, statements)
      model.on(cacheContext(recorded, false))
      model.queries(recorded)
      assert.ok(statements.length >= 2)
      for (const sql of statements) {
        const plan = db
          .prepare<[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', 'NULL')}`)
          .all()
        for (const { detail } of plan) {
          assert.not(/^SCAN|USE TEMP B-TREE/.test(detail) && !allowedScan.test(detail), `${detail}\n${sql}`)
        }
      }
    })
  })
}

test('the check sees a statement that reads a whole table', () => {
  withProjections(models, (db) => {
    const [step] = db
      .prepare<[], { readonly detail: string }>("EXPLAIN QUERY PLAN SELECT 1 FROM tickets WHERE subject = 'x'")
      .all()
    assert.match(step?.detail ?? '', /^SCAN/)
  })
})

test.run()
