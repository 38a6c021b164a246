import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AccountId } from '../../../domain/ids.ts'
import { editsBetween } from '../../../projections/search/vocabulary.ts'
import { documentsQuery, longQuery, matching, newWork } from '../../../projections/search/matching.ts'
import { search } from '../../../projections/search/search.ts'
import { tickets } from '../../../projections/ticket-list/ticket-list.ts'
import { commentAdded, opened } from '../../domain/ticket/events.ts'
import { holds } from '../../support/arbitrary.ts'
import { accountId } from '../../support/ids.ts'
import { ann, bob, eve, sue, tom } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { shownAfter, withProjections } from '../../support/projection-specs.ts'

const test = suite('search: postings')

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'alphabet', 'gammon')
const ticket = fc.record({
  mine: fc.boolean(),
  messages: fc.array(fc.array(word, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
})

test('finds the tickets that contain every word, the last as a prefix, in one account or in all', () => {
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
          for (const account of [accountId('acme'), undefined]) {
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

test('a query reads a bounded number of messages of long tickets, whatever its words are', () => {
  const log = testLog()
  const event = opened(bob)
  const description = `${essay('first')} ${essay('second')}`
  log.ticket('T-1', bob, { ...event, personal: { ...event.personal, subject: 'Long', description } })
  for (let n = 0; n < 50; n++) log.ticket('T-1', bob, commentAdded(`alpha beta gamma also${n} only${n}`))
  shownAfter([tickets, search], log.events, (db) => {
    const match = matching(db)
    const filter = { view: 'active', account: undefined, categories: [], statuses: [] } as const
    const terms = ['alpha', 'beta', 'only7'].map((each) => ({ expression: `"w${each}"`, isMerged: false }))
    const work = newWork()
    assert.equal(match.find(filter, 0, match.byRarity(terms), 10, work).length, 1)
    assert.is(newWork().messages - work.messages, 101)
    for (const left of [0, 1, 60, 100]) {
      const little = { messages: left }
      match.find(filter, 0, terms, 10, little)
      assert.ok(little.messages >= 0, `${left} became ${little.messages}`)
    }
  })
})

test('of a long query the rarest words are corrected, and one with too many unknown words finds nothing', () => {
  const log = testLog()
  const event = opened(bob)
  const known = Array.from({ length: 30 }, (_, n) => `word${String.fromCharCode(97 + n)}${'abcdefgh'.charAt(n % 8)}xyz`)
  for (const subject of ['One', 'Two']) {
    log.ticket(`T-${subject}`, bob, {
      ...event,
      personal: { ...event.personal, subject, description: known.join(' ') },
    })
  }
  shownAfter([tickets, search], log.events, (db) => {
    const hits = (query: readonly string[]): number =>
      search.queries(db).find({ view: 'active', account: undefined, categories: [], statuses: [] }, query.join(' '))
        .rows.length
    const misspelt = (word: string): string => `${word.slice(0, -1)}q`
    assert.is(hits(known), 2)
    assert.is(hits(known.map((word, n) => (n < 16 ? misspelt(word) : word))), 2)
    assert.is(hits(known.map((word, n) => (n < 17 ? misspelt(word) : word))), 0)
  })
})

/** More words than fit in a ticket's document. */
const essay = (word: string): string => Array.from({ length: 450 }, (_, n) => `${word}${n}`).join(' ')

test('a long ticket is found by words anywhere in it, and by its authors', () => {
  const log = testLog()
  const about = (author: typeof bob, subject: string) => {
    const event = opened(author)
    return { ...event, personal: { ...event.personal, subject, description: essay('first') } }
  }
  log.ticket('T-1', bob, about(bob, 'Printer'))
  log.ticket('T-1', sue, commentAdded(essay('second')))
  log.ticket('T-1', tom, commentAdded('A needle in the paper tray'))
  log.ticket('T-2', eve, about(eve, 'Printer'))
  log.ticket('T-2', sue, commentAdded(essay('second')))
  log.ticket('T-3', ann, about(ann, 'Short'))
  shownAfter([tickets, search], log.events, (db) => {
    assert.is(db.prepare('SELECT count(*) FROM search_tickets WHERE long = 1').pluck().get(), 2)
    const ids = (account: AccountId | undefined, query: string, view: 'active' | 'archive' = 'active'): string[] =>
      search
        .queries(db)
        .find({ view, account, categories: [], statuses: [] }, query)
        .rows.map(({ id }) => id)
        .toSorted()
    assert.equal(ids(accountId('acme'), 'printer second449'), ['T-1'])
    assert.equal(ids(accountId('acme'), 'first7 second3 needle tray'), ['T-1'])
    assert.equal(ids(accountId('acme'), 'needel second3'), ['T-1'])
    assert.equal(ids(accountId('acme'), 'printer tom'), ['T-1'])
    assert.equal(ids(accountId('evil'), 'printer second449'), ['T-2'])
    assert.equal(ids(accountId('evil'), 'needle'), [])
    assert.equal(ids(undefined, 'printer second449'), ['T-1', 'T-2'])
    assert.equal(ids(accountId('acme'), 'short second3'), [])
    assert.equal(ids(accountId('acme'), 'printer second449', 'archive'), [])
  })
})

test('every statement of a search uses an index and sorts nothing', () => {
  withProjections([search], (db) => {
    const filter = { view: 'active', account: undefined, categories: ['a', 'b'], statuses: ['open'] } as const
    const planOf = ({ sql, values }: ReturnType<typeof longQuery>, ...more: (string | number)[]): string[] =>
      db
        .prepare<(string | number)[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...more, ...values, 10)
        .map(({ detail }) => detail)
    for (const scope of [0, 1]) {
      const [walk, look, ...rest] = planOf(documentsQuery(filter, scope), '"wx"')
      assert.match(walk ?? '', /^SCAN f VIRTUAL TABLE INDEX \d+:<?M/)
      assert.match(look ?? '', /^SEARCH s USING INTEGER PRIMARY KEY/)
      assert.equal(rest, [])
      const index = `search_long_tickets${scope === 0 ? '' : '_of_account'}`
      const long = planOf(longQuery(filter, scope))
      assert.is(long.length, 1, long.join('\n'))
      assert.match(long[0] ?? '', ` USING INDEX ${index}`)
    }
  })
})

test('edits are insertions, deletions, replacements and swaps of neighbours', () => {
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
