import type { Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectionRunner } from '../../../app/projections/projection-runner.ts'
import type { Customer } from '../../../domain/actor.ts'
import type { ListFilter } from '../../../projections/ticket-list/ticket-list.ts'
import { search } from '../../../projections/search/search.ts'
import { tickets } from '../../../projections/ticket-list/ticket-list.ts'
import { closed, commentAdded, opened } from '../../domain/ticket/events.ts'
import { accountId } from '../../support/ids.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter, withProjections } from '../../support/projection-specs.ts'
import { ann, bob, eve, sue } from '../../support/people.ts'

const test = suite('search')

const models = [tickets, search]

const about = (author: Customer, subject: string, description: string) => {
  const event = opened(author)
  return { ...event, personal: { ...event.personal, subject, description } }
}

const filter = (account: string | undefined, view: 'active' | 'archive' = 'active'): ListFilter => ({
  view,
  account: account === undefined ? undefined : accountId(account),
  categories: [],
  statuses: [],
})

const log = testLog()
log.ticket('T-1', bob, about(bob, 'Kubernetes cluster down', 'Nodes do not answer in Zürich'))
log.ticket('T-2', ann, about(ann, 'Invoice', 'The café address is wrong, see ﬁle 42'))
log.ticket('T-3', eve, about(eve, 'Kubernetes password', 'secretword of ours'))
log.ticket('T-1', sue, commentAdded('The certificate expired'))
log.ticket('T-4', bob, about(bob, 'Old matter', 'A kubernetes question of long ago'))
log.ticket('T-4', bob, closed)

const found = (db: Database, account: string | undefined, query: string, view?: 'archive'): string[] =>
  search
    .queries(db)
    .find(filter(account, view), query)
    .rows.map(({ id }) => id)

const finds = (account: string | undefined, cases: Readonly<Record<string, readonly string[]>>): void =>
  shownAfter(models, log.events, (db) => {
    for (const [query, ids] of Object.entries(cases)) assert.equal(found(db, account, query), ids, query)
  })

// A search does not show duplicate rows, so the rows themselves are counted.
projectionSpec(
  test,
  search,
  'a document for each ticket',
  log.events,
  (db) => [
    db.prepare('SELECT ticket, status FROM search_tickets ORDER BY key').raw().all(),
    db.prepare(`SELECT count(*) FROM search WHERE search MATCH '"wkubernetes"'`).pluck().get(),
    db.prepare(`SELECT count(*) FROM search WHERE search MATCH '"a1p1"'`).pluck().get(),
    db.prepare('SELECT id, name FROM search_people ORDER BY id').raw().all(),
  ],
  [
    [
      ['T-1', 'open'],
      ['T-2', 'open'],
      ['T-3', 'open'],
      ['T-4', 'closed'],
    ],
    3,
    2,
    [
      ['ann', 'Ann'],
      ['bob', 'Bob'],
      ['eve', 'Eve'],
      ['sue', 'Sue'],
    ],
  ],
)

test('words are found anywhere in the ticket: subject, description, comments', () =>
  finds('acme', {
    kubernetes: ['T-1'],
    'certificate cluster': ['T-1'],
    'invoice certificate': [],
    answer: ['T-1'],
    '42': ['T-2'],
    'KUBERNETES  down!': ['T-1'],
  }))

test('the last word may be a prefix, the others not', () =>
  finds('acme', { kub: ['T-1'], 'cluster cert': ['T-1'], 'clus certificate': [], k: [] }))

test('typing errors are corrected: one letter, or two swapped; two from six letters on', () =>
  finds('acme', {
    kubernetse: ['T-1'],
    kuberntes: ['T-1'],
    clutser: ['T-1'],
    invioce: ['T-2'],
    donw: ['T-1'],
    xyzzy: [],
  }))

test('marks, ligatures and case are folded alike', () =>
  finds('acme', { cafe: ['T-2'], CAFÉ: ['T-2'], file: ['T-2'], zurich: ['T-1'], ZÜRICH: ['T-1'] }))

test('digits are never corrected: another number is another thing', () => {
  const numbers = testLog()
  numbers.ticket('T-1', bob, about(bob, 'Order 12345678', 'Error e404 on printer7'))
  shownAfter(models, numbers.events, (db) => {
    for (const query of ['12345678', 'e404', 'prnter7', 'printre7'])
      assert.equal(found(db, 'acme', query), ['T-1'], query)
    for (const query of ['12345679', '1234568', 'e405', 'printer8', 'printer']) {
      assert.equal(found(db, 'acme', `${query} order`), [], query)
    }
  })
})

test('words of scripts without spaces are found anywhere in a sentence', () => {
  const sentences = testLog()
  sentences.ticket('T-1', bob, about(bob, '東京都の動画が再生できません', 'ストリーミングのエラー 404'))
  sentences.ticket('T-2', bob, about(bob, '无法播放视频', 'iPhone手机黑屏'))
  sentences.ticket('T-3', bob, about(bob, 'วิดีโอไม่เล่น', 'Mixed text'))
  shownAfter(models, sentences.events, (db) => {
    const cases: Readonly<Record<string, readonly string[]>> = {
      動画: ['T-1'],
      再生できません: ['T-1'],
      ｽﾄﾘｰﾐﾝｸﾞ: ['T-1'],
      東: ['T-1'],
      視頻: [],
      视频: ['T-2'],
      '播放 黑屏': ['T-2'],
      iphone: ['T-2'],
      手机: ['T-2'],
      ไม่เล่น: ['T-3'],
      วิดีโอ: ['T-3'],
      京東: [],
    }
    for (const [query, ids] of Object.entries(cases)) assert.equal(found(db, 'acme', query), ids, query)
  })
})

test('a ticket is found by its number in any spelling, by those who may see it, in its own tab', () => {
  const numbered = testLog()
  numbered.ticket('T-4J7QK2ZD', bob, about(bob, 'Mine', 'Of Acme'))
  numbered.ticket('T-9XMRW3CA', eve, about(eve, 'Theirs', 'Of Globex'))
  numbered.ticket('T-5PNTV8HB', bob, about(bob, 'Closed', 'Of Acme'))
  numbered.ticket('T-5PNTV8HB', bob, closed)
  shownAfter(models, numbered.events, (db) => {
    for (const query of [
      'T-4J7QK2ZD',
      't-4j7qk2zd',
      '4J7QK2ZD',
      'T4J7QK2ZD',
      ' 4j7qk2zd ',
      'https://desk.example/tickets/T-4J7QK2ZD',
    ]) {
      assert.equal(found(db, 'acme', query), ['T-4J7QK2ZD'], query)
      assert.equal(found(db, 'globex', query), [], query)
      assert.equal(found(db, undefined, query), ['T-4J7QK2ZD'], query)
    }
    assert.equal(found(db, 'acme', 'T-5PNTV8HB'), [])
    assert.equal(found(db, 'acme', 'T-5PNTV8HB', 'archive'), ['T-5PNTV8HB'])
  })
})

test('no account finds, or is corrected by, another account’s words', () => {
  finds('acme', { secretword: [], secretwrod: [], password: [], eve: [] })
  finds('evil', { cluster: [], secretwrod: ['T-3'], kubernetes: ['T-3'], sue: [] })
  finds('nobody', { kubernetes: [] })
})

test('support searches all accounts', () =>
  finds(undefined, { kubernetes: ['T-3', 'T-1'], secretwrod: ['T-3'], 'kubernetes nodes': ['T-1'] }))

test('each tab searches its own tickets', () =>
  shownAfter(models, log.events, (db) => {
    assert.equal(found(db, 'acme', 'kubernetes', 'archive'), ['T-4'])
    assert.equal(found(db, 'acme', 'matter'), [])
  }))

test('a query without words finds nothing, and FTS5 syntax is only words', () =>
  finds('acme', { '': [], '!!!': [], '" OR 1 --': [], 'kubernetes" NOT "zzz': [], 'a0w*': [], 'w:kubernetes*': [] }))

test('authors are found by their present name on every ticket, and no longer by an old one', () => {
  const more = testLog()
  more.ticket('T-1', bob, about(bob, 'One', 'x'))
  more.ticket('T-2', ann, about(ann, 'Two', 'x'))
  more.ticket('T-2', { ...bob, name: 'Bartholomew' }, commentAdded('y'))
  shownAfter(models, more.events, (db) => {
    assert.equal(found(db, 'acme', 'bartholomew').toSorted(), ['T-1', 'T-2'])
    assert.equal(found(db, 'acme', 'barth').toSorted(), ['T-1', 'T-2'])
    assert.equal(found(db, 'acme', 'batholomew').toSorted(), ['T-1', 'T-2'])
    assert.equal(found(db, 'acme', 'bob'), [])
    assert.equal(found(db, undefined, 'ann one'), [])
  })
})

test('an erased ticket is not found by erased texts', () =>
  shownAfter(models, withoutPersonal(log.events, 'T-1'), (db) => {
    assert.equal(found(db, 'acme', 'cluster'), [])
    assert.equal(found(db, 'acme', 'certificate'), [])
    assert.equal(found(db, 'acme', 'invoice'), ['T-2'])
  }))

test('words in the subject count more, then the shorter ticket, then the latest update', () => {
  const more = testLog()
  more.ticket('T-1', bob, about(bob, 'Printer', 'and much else that nobody asks for'))
  more.ticket('T-2', bob, about(bob, 'Other', 'printer'))
  more.ticket('T-3', bob, about(bob, 'Third', 'printer'))
  more.ticket('T-4', bob, about(bob, 'Fourth', 'the printer'))
  more.ticket('T-2', bob, commentAdded('other'))
  shownAfter(models, more.events, (db) => assert.equal(found(db, 'acme', 'printer'), ['T-1', 'T-2', 'T-3', 'T-4']))
})

test('more hits than the limit are reported as capped', () => {
  const more = testLog()
  for (let n = 0; n < 1_001; n++) more.ticket(`T-${n}`, bob, about(bob, `Printer ${n}`, 'x'))
  shownAfter(models, more.events, (db) => {
    const hits = search.queries(db).find(filter('acme'), 'printer')
    assert.is(hits.rows.length, 1_000)
    assert.is(hits.capped, true)
    assert.is(search.queries(db).find(filter('acme'), 'printer 7').capped, false)
  })
})

test('words added while a server runs are corrected too', () =>
  withProjections(models, (db) => {
    const { apply } = projectionRunner(db, models)
    const queries = search.queries(db)
    const ids = (query: string): string[] => queries.find(filter('acme'), query).rows.map(({ id }) => id)
    const more = testLog()
    more.ticket('T-1', bob, about(bob, 'First', 'x'))
    apply(more.events)
    assert.equal(ids('brokne'), [])
    more.ticket('T-1', bob, commentAdded('It is broken'))
    apply(more.events)
    assert.equal(ids('brokne'), ['T-1'])
  }))

test('of a query of thousands of words only the first are used', () =>
  shownAfter(models, log.events, (db) => {
    assert.equal(found(db, 'acme', 'x'.repeat(100_000)), [])
    assert.equal(found(db, 'acme', Array.from({ length: 500 }, () => 'kubernetes').join(' ')), ['T-1'])
    assert.equal(found(db, 'acme', Array.from({ length: 500 }, (_, n) => `w${n}`).join(' ')), [])
  }))

test('people of all accounts are found by prefixes of their present names', () => {
  const called = (author: Customer, name: string): Customer => ({ ...author, name })
  const people = testLog()
  people.ticket('T-1', bob, opened(called(bob, 'Bob Björk')))
  people.ticket('T-2', ann, opened(called(ann, 'Anna Banana')))
  people.ticket('T-3', eve, opened(called(eve, 'Eve Banner')))
  people.ticket('T-2', called(ann, 'Anna Banks'), commentAdded('I married'))
  shownAfter(models, people.events, (db) => {
    const ids = (query: string): readonly string[] => search.queries(db).named(query).toSorted()
    assert.equal(ids('bjo'), ['bob'])
    assert.equal(ids('ban'), ['ann', 'eve'])
    assert.equal(ids('ANN ban'), ['ann'])
    assert.equal(ids('ban ann'), ['ann'])
    assert.equal(ids('bo b'), ['bob'])
    assert.equal(ids('banana'), [], 'no longer called so')
    assert.equal(ids(''), ['ann', 'bob', 'eve'])
    assert.equal(ids('_%"'), ['ann', 'bob', 'eve'], 'nothing of it is a word')
  })
})

test.run()
