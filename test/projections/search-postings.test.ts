import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { editsBetween } from '../../projections/search/edits.ts'
import { anyOf, inAll, passing, postings, type Falling, type ReadBelow } from '../../projections/search/falling.ts'
import { filterQuery } from '../../projections/search/filter.ts'
import { rowOf } from '../../projections/search/postings.ts'
import { search } from '../../projections/search/search.ts'
import { tickets } from '../../projections/tickets.ts'
import { commentAdded, opened } from '../domain/ticket/events.ts'
import { holds } from '../support/arbitrary.ts'
import { bob, eve } from '../support/people.ts'
import { testLog } from '../support/projection-log.ts'
import { shownAfter, withProjections } from '../support/projection-specs.ts'

const test = suite('search: postings')

const endless = { left: Number.MAX_SAFE_INTEGER }

/** Reads from an array that rises, as the index reads from a disk. */
const readFrom =
  (rising: readonly number[]): ReadBelow =>
  (below, limit) =>
    rising
      .filter((value) => value < below)
      .toReversed()
      .slice(0, limit)

const wordList = (rows: readonly (readonly [key: number, part: number])[], first: number): Falling =>
  postings(readFrom(rows.map(([key, part]) => rowOf(key, part)).toSorted((a, b) => a - b)), { ...endless }, first)

const keys = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 300 })
const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3 })), {
  selector: ([key, part]) => key * 10 + part,
  maxLength: 400,
})

test('lists walked in step hold what a plain intersection holds, newest first, each once', () => {
  holds(
    fc.property(
      fc.array(rows, { minLength: 1, maxLength: 4 }),
      keys,
      fc.integer({ min: 1, max: 20 }),
      (lists, passed, first) => {
        const falling = [
          ...lists.map((list) => wordList(list, first)),
          passing(readFrom(passed.toSorted((a, b) => a - b)), { ...endless }),
        ]
        const expected = passed
          .filter((key) => lists.every((list) => list.some(([held]) => held === key)))
          .toSorted((a, b) => b - a)
        assert.equal([...inAll(falling)], expected)
      },
    ),
    { usually: 500 },
  )
})

test('a ticket weighs what its rows weigh, in whatever pages they come', () => {
  holds(
    fc.property(rows, rows, fc.integer({ min: 1, max: 20 }), (near, far, first) => {
      const weightOf = (list: typeof near, key: number): number =>
        list.reduce((sum, [held, part]) => sum + (held === key ? (part === 0 ? 3 : 1) : 0), 0)
      const list = anyOf([
        { list: wordList(near, first), worth: 1 },
        { list: wordList(far, first), worth: 0.5 },
      ])
      for (const key of inAll([list])) assert.is(list.weight(key), weightOf(near, key) + 0.5 * weightOf(far, key))
    }),
    { usually: 500 },
  )
})

test('a walk ends when its budget is spent', () => {
  const budget = { left: 10 }
  const found = [...inAll([postings(readFrom(Array.from({ length: 100 }, (_, key) => rowOf(key, 1))), budget)])]
  assert.is(found.length, 10)
  assert.is(budget.left, 0)
})

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'alphabet', 'gammon')
const ticket = fc.record({
  mine: fc.boolean(),
  messages: fc.array(fc.array(word, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
})

test('finds the tickets that hold every word, the last one as a beginning, in one account or in all', () => {
  holds(
    fc.property(
      fc.array(ticket, { maxLength: 12 }),
      fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
      (made, typed) => {
        const log = testLog()
        for (const [n, { mine, messages }] of made.entries()) {
          const author = mine ? bob : eve
          const event = opened(author)
          const [subject = '', ...others] = messages.map((words) => words.join(' '))
          log.ticket(`T-${n}`, author, { ...event, personal: { ...event.personal, subject, description: '' } })
          for (const body of others) log.ticket(`T-${n}`, author, commentAdded(body))
        }
        const last = typed.at(-1) ?? ''
        const fits = ({ messages }: (typeof made)[number]): boolean =>
          typed.slice(0, -1).every((each) => messages.flat().includes(each)) &&
          messages.flat().some((each) => each.startsWith(last))
        shownAfter([tickets, search], log.events, (db) => {
          for (const account of ['acme', undefined]) {
            const { rows: found } = search
              .queries(db)
              .find({ view: 'active', account, categories: [], statuses: [] }, typed.join(' '))
            const expected = made.flatMap((each, n) =>
              (account === undefined || each.mine) && fits(each) ? [`T-${n}`] : [],
            )
            if (expected.length > 0) assert.equal(found.map(({ id }) => id).toSorted(), expected.toSorted())
            if (account !== undefined) assert.ok(found.every((row) => row.account === account))
          }
        })
      },
    ),
    { usually: 60 },
  )
})

test('the filter walks its index and sorts nothing', () => {
  withProjections([search], (db) => {
    for (const scope of [0, 1]) {
      const { sql, values } = filterQuery(
        { view: 'active', account: undefined, categories: ['a', 'b'], statuses: ['open'] },
        scope,
      )
      const plan = db
        .prepare<(string | number)[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values, 100, 10)
      const index = scope === 0 ? 'search_tickets_by_view' : 'search_tickets_of_account'
      assert.equal(plan.length, 1)
      assert.match(plan[0]?.detail ?? '', new RegExp(`SEARCH search_tickets USING COVERING INDEX ${index} \\(.*key<`))
    }
  })
})

test('edits are insertions, losses, changes and swaps of neighbours', () => {
  const cases = {
    'word word': 0,
    'word wrod': 1,
    'word wor': 1,
    'word sword': 1,
    'word ward': 1,
    'word rdwo': 4,
    ' ab': 2,
  }
  for (const [pair, edits] of Object.entries(cases)) {
    const [a = '', b = ''] = pair.split(' ')
    assert.is(editsBetween(a, b), edits, pair)
  }
})

test.run()
