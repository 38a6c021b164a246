import Sqlite, { type Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectionRunner } from '../../app/projections/projection-runner.ts'
import { cacheContext } from '../../projections/cache/cache.ts'
import type { Projection, Queries } from '../../projections/projection.ts'
import { helpdesk, reporting, type Helpdesk, type Reporting } from '../../projections/registry.ts'
import { definitions, isReportName } from '../../projections/reports/reports.ts'
import type { ListFilter } from '../../projections/ticket-list/ticket-list.ts'
import { personId, ticketId, accountId, eventId } from '../support/ids.ts'
import { withProjections } from '../support/projection-specs.ts'
import { goldenLog } from './golden-log.ts'

const test = suite('statements of read models')

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

const customer = { id: personId('bob'), account: accountId('acme') }
const support = { id: personId('sue'), account: undefined }
const readers = [customer, support]

/** Filters of every shape: of an account or all, with and without categories and statuses. */
const filters: readonly ListFilter[] = [accountId('acme'), undefined].flatMap((account) =>
  ([[], ['technical']] as const).flatMap((categories) =>
    ([[], ['open', 'closed']] as const).flatMap((statuses) =>
      (['active', 'archive'] as const).map((view) => ({ account, categories, statuses, view })),
    ),
  ),
)

/** Calls every query of a read model, so that statements which are prepared late are recorded too. */
type Calls<M> = { readonly [K in keyof M]: (queries: Queries<M>[K]) => unknown }

const calls: Calls<Helpdesk & Reporting> = {
  people: ({ byIds, isSupport, team }) => [byIds([personId('ann')]), isSupport(personId('sue')), team()],
  tickets: ({ page, total, waiting, accountOf }) => {
    const last = { at: '2026-01-01T00:00:00.000Z', id: ticketId('T-1') }
    for (const filter of filters) {
      for (const order of ['-updated', 'updated', '-created', 'created'] as const) {
        page(filter, order, undefined, 1)
        page(filter, order, last, 100)
      }
      total(filter)
      waiting(filter.account)
    }
    accountOf(ticketId('T-1'))
  },
  reading: ({ unreadAmong, unreadTickets }) =>
    readers.map((reader) => [unreadAmong(reader, [ticketId('T-1')]), unreadTickets(reader)]),
  notifications: ({ page, unseen, has, between, mailChoice, teamBefore }) => {
    for (const reader of readers) {
      page(reader, undefined, 10)
      unseen(reader)
      has(reader, eventId('none'))
    }
    between(0, 100)
    mailChoice(personId('bob'))
    teamBefore(100)
  },
  files: ({ find }) => find('f1'),
  search: ({ find, named }) => {
    for (const filter of filters) for (const query of ['word1 fire', 'firefax', 'a']) find(filter, query)
    named('an ar')
  },
  sessions: ({ isOver }) => isOver('s-1'),
  reports: ({ rows }) =>
    Object.keys(definitions)
      .filter(isReportName)
      .map((name) => rows(name, { category: 'technical' })),
}

interface Statements {
  readonly handlers: readonly string[]
  readonly queries: readonly string[]
}

const models = { ...helpdesk, ...reporting }
const all: readonly Projection<unknown>[] = Object.values(models)

/** Everything that a read model prepares, and whether each of its queries was called. */
const statementsOf = (key: keyof typeof models, db: Database): Statements => {
  const [handlers, queries, called]: [string[], string[], Set<string>] = [[], [], new Set()]
  const model: Projection<unknown> = models[key]
  model.on(cacheContext(recording(db, handlers), false))
  const own = Object(model.queries(recording(db, queries)))
  // A read model's calls take its own queries, which the compiler cannot follow through the key.
  const call = calls[key] as ((own: object) => unknown) | undefined
  if (call === undefined) throw new Error(`call each query of ${key} in "calls" of this test`)
  call(
    new Proxy(own, {
      get: (target, name) => {
        called.add(String(name))
        return Reflect.get(target, name, target)
      },
    }),
  )
  assert.equal([...called].toSorted(), Object.keys(own).toSorted(), `${key}: every query is called in "calls"`)
  return { handlers, queries }
}

const withGoldenLog = (use: (db: Database) => void): void =>
  withProjections(all, (db) => {
    projectionRunner(db, all).apply(goldenLog())
    use(db)
  })

/**
 * Allowed scans: a list of ids given as JSON, FTS5's own, the index of long tickets up to a limit, the team, which is small,
 * and what a subquery returns, whose own steps are checked.
 */
const allowedScan =
  /^SCAN (j VIRTUAL TABLE|s USING INDEX search_long_tickets|(search|f) VIRTUAL TABLE INDEX \d+:[=<>]*M\d+|(notification_)?team$|\(subquery-\d+\)$)/
const planOf = (db: Database, sql: string): readonly string[] =>
  db
    .prepare<[], string>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', 'NULL')}`)
    .raw()
    .all()
    .map((step) => String(step[3]))

const modelOf = (key: keyof typeof models): Projection<unknown> => models[key]
const keys: readonly (keyof typeof models)[] = Object.keys(models).filter((key): key is keyof typeof models =>
  Object.hasOwn(models, key),
)

/** A page of a rare filter is found whole and sorted: see `fewQuery`. */
const maySort = (sql: string): boolean => /INDEXED BY tickets_(of_account_)?by_kind/.test(sql)

// Reports read whole tables.
for (const key of keys.filter((each) => each !== 'reports')) {
  test(`every statement of ${key} uses an index, and none sorts`, () =>
    withGoldenLog((db) => {
      const { handlers, queries } = statementsOf(key, db)
      assert.ok(handlers.length + queries.length >= 2)
      for (const sql of [...handlers, ...queries]) {
        for (const step of planOf(db, sql)) {
          const isWhole = step.startsWith('SCAN') && !allowedScan.test(step)
          assert.not(isWhole, `${step}: add an index, or the table to "allowedScan" if it stays small\n${sql}`)
          const sorts = step.startsWith('USE TEMP B-TREE') && !maySort(sql)
          assert.not(
            sorts,
            `${step}: add an index in this order, or the statement to "maySort" if its rows are few\n${sql}`,
          )
        }
      }
    }))
}

for (const key of keys) {
  test(`${key} reads its own tables, and in queries those that it declares in readsFrom`, () =>
    withGoldenLog((db) => {
      const { handlers, queries } = statementsOf(key, db)
      const declared = all.filter(({ name }) => modelOf(key).readsFrom?.includes(name) === true)
      const checks = [
        { statements: handlers, tables: [modelOf(key)] },
        { statements: queries, tables: [modelOf(key), ...declared] },
      ]
      for (const { statements, tables } of checks) {
        const own = new Sqlite(':memory:')
        for (const each of tables) own.exec(each.tables + (each.indexes ?? ''))
        for (const sql of statements) assert.not.throws(() => own.prepare(sql), undefined, sql)
        own.close()
      }
    }))
}

test('the check sees a statement that reads a whole table', () =>
  withGoldenLog((db) => assert.match(planOf(db, "SELECT 1 FROM tickets WHERE subject = 'x'")[0] ?? '', /^SCAN/)))

test.run()
