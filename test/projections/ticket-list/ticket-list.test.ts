import type { Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  fewQuery,
  pageQuery,
  type Keyset,
  type ListFilter,
  type ListOrder,
} from '../../../projections/ticket-list/ticket-list.ts'
import { tickets } from '../../../projections/ticket-list/ticket-list.ts'
import { assigned, closed, commentAdded, opened, reopened, statusChanged } from '../../domain/ticket/events.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter, withProjections } from '../../support/projection-specs.ts'
import { ann, bob, eve, sue, tom } from '../../support/people.ts'
import { projectionRunner } from '../../../app/projections/projection-runner.ts'
import { positionOf } from '../../../domain/event-log/envelope.ts'
import type { AccountId } from '../../../domain/ids.ts'
import { accountId, ticketId } from '../../support/ids.ts'

const test = suite('the list of tickets')

const log = testLog()
log.ticket('T-1', bob, opened(bob))
log.ticket('T-2', ann, opened(ann))
log.ticket('T-3', eve, opened(eve))
log.ticket('T-1', sue, statusChanged('open', 'waiting_for_customer', 'asked', sue))
log.ticket('T-2', ann, closed)
log.ticket('T-3', eve, closed)
log.ticket('T-3', eve, reopened, commentAdded('Again'))
log.unknown('T-1', sue)
log.ticket('T-1', sue, assigned(tom))

const filter = (more: Partial<ListFilter> = {}): ListFilter => ({
  view: 'active',
  account: undefined,
  categories: [],
  statuses: [],
  ...more,
})

const shown = (db: Database): unknown => {
  const { page, total, waiting } = tickets.queries(db)
  const rows = (view: 'active' | 'archive') =>
    page(filter({ view }), '-updated', undefined, 10).map(
      ({ id, status, assignee, createdAt, updatedAt, version }) => ({
        id,
        status,
        assignee,
        created: createdAt,
        updated: updatedAt,
        version,
      }),
    )
  return {
    active: rows('active'),
    archive: rows('archive'),
    totals: [total(filter()), total(filter({ view: 'archive' })), total(filter({ account: accountId('acme') }))],
    waiting: [waiting(undefined), waiting(accountId('acme')), waiting(accountId('evil'))],
  }
}

projectionSpec(test, tickets, 'both tabs and their counts', log.events, shown, {
  active: [
    {
      id: 'T-1',
      status: 'waiting_for_customer',
      assignee: 'tom',
      created: log.at(1),
      updated: log.at(9),
      version: 4,
    },
    { id: 'T-3', status: 'open', assignee: null, created: log.at(3), updated: log.at(7), version: 4 },
  ],
  archive: [{ id: 'T-2', status: 'closed', assignee: null, created: log.at(2), updated: log.at(5), version: 2 }],
  totals: [2, 1, 1],
  waiting: [1, 1, 0],
})

test('an erased subject is null, and the row stays', () => {
  const subjects = shownAfter([tickets], withoutPersonal(log.events, 'T-1'), (db) =>
    tickets
      .queries(db)
      .page(filter(), 'created', undefined, 10)
      .map(({ subject }) => subject),
  )
  assert.equal(subjects, [null, 'No sound'])
})

test('filters by account, category and status, and totals agree with the rows', () => {
  shownAfter([tickets], log.events, (db) => {
    const { page, total } = tickets.queries(db)
    const ids = (more: Partial<ListFilter>): string[] => {
      const rows = page(filter(more), 'created', undefined, 10)
      assert.is(total(filter(more)), rows.length, JSON.stringify(more))
      return rows.map(({ id }) => id)
    }
    assert.equal(ids({ account: accountId('acme') }), ['T-1'])
    assert.equal(ids({ account: accountId('nobody') }), [])
    assert.equal(ids({ categories: ['technical', 'other'] }), ['T-1', 'T-3'])
    assert.equal(ids({ categories: ['other'] }), [])
    assert.equal(ids({ statuses: ['open'] }), ['T-3'])
    assert.equal(ids({ statuses: ['open', 'waiting_for_customer'], account: accountId('evil') }), ['T-3'])
    assert.equal(ids({ view: 'archive', statuses: ['open'] }), [])
  })
})

/** Many tickets, several in the same minute: ties are broken by id. */
const many = testLog()
for (let n = 0; n < 23; n++) many.ticket(`T-${String((n * 7) % 23).padStart(2, '0')}`, bob, opened(bob))

const walk = (db: Database, order: ListOrder, between: (page: number) => void): string[] => {
  const seen: string[] = []
  let after: Keyset | undefined
  for (let page = 1; ; page++) {
    const rows = tickets.queries(db).page(filter({ account: accountId('acme') }), order, after, 4)
    const last = rows.at(-1)
    if (last === undefined) return seen
    seen.push(...rows.map(({ id }) => id))
    after = { at: order.endsWith('created') ? last.createdAt : last.updatedAt, id: last.id }
    between(page)
  }
}

test('pages by created contain every ticket once, while others change in between', () => {
  for (const order of ['created', '-created'] as const) {
    withProjections([tickets], (db) => {
      const { apply } = projectionRunner(db, [tickets])
      apply(many.events)
      const more = testLog()
      const seen = walk(db, order, (page) => {
        more.ticket(`X-${page}`, bob, opened(bob))
        apply(more.events.map((event, index) => ({ ...event, position: positionOf(100 + index) })))
      })
      const old = seen.filter((id) => id.startsWith('T-'))
      assert.is(old.length, 23, order)
      assert.is(new Set(seen).size, seen.length, order)
    })
  }
})

test('pages by updated contain every ticket once that does not change meanwhile', () => {
  const changing = testLog()
  for (let n = 0; n < 12; n++) changing.ticket(`T-${String(n).padStart(2, '0')}`, bob, opened(bob))
  const before = changing.events.length
  withProjections([tickets], (db) => {
    const { apply } = projectionRunner(db, [tickets])
    apply(changing.events)
    const seen = walk(db, '-updated', (page) => {
      if (page > 2) return
      changing.ticket(`T-0${page}`, sue, commentAdded('News'))
      apply(changing.events.slice(before))
    })
    for (let n = 3; n < 12; n++) assert.is(seen.filter((id) => Number(id.slice(2)) === n).length, 1, `T-${n}`)
  })
})

test('a rare kind is found by its index on every page', () => {
  const rare = filter({ account: accountId('acme'), categories: ['other'], statuses: ['open', 'in_progress'] })
  withProjections([tickets], (db) => {
    const plan = (account: AccountId | undefined, given: ListFilter): string => {
      const { sql, values } = fewQuery({ ...given, account }, '-updated', { at: log.at(1), id: ticketId('T-1') }, 10)
      const steps = db.prepare<(string | number)[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      return steps.all(...values).map(({ detail }) => detail)[0] ?? ''
    }
    assert.match(
      plan(accountId('acme'), rare),
      'tickets_of_account_by_kind (account=? AND archived=? AND status=? AND category=?)',
    )
    assert.match(plan(undefined, rare), 'tickets_by_kind (archived=? AND status=? AND category=?)')
    assert.match(plan(undefined, { ...rare, statuses: [] }), '(archived=? AND status=? AND category=?)')
  })
})

test('a common kind is read in list order, and its pages equal those of the other plan', () => {
  const many = testLog()
  for (let n = 0; n < 1_200; n++) {
    const event = opened(n % 3 === 0 ? eve : bob)
    const category = { id: n % 100 === 0 ? 'rare' : 'common', name: 'x' }
    many.ticket(`T-${n}`, bob, { ...event, data: { ...event.data, category } })
  }
  shownAfter([tickets], many.events, (db) => {
    const { page, total } = tickets.queries(db)
    for (const [category, n] of [
      ['rare', 12],
      ['common', 1_188],
    ] as const) {
      const seen: string[] = []
      let after: Keyset | undefined
      for (;;) {
        const rows = page(filter({ categories: [category] }), '-created', after, 7)
        const last = rows.at(-1)
        if (last === undefined) break
        seen.push(...rows.map(({ createdAt, id }) => `${createdAt} ${id}`))
        after = { at: last.createdAt, id: last.id }
      }
      assert.is(seen.length, n)
      assert.is(total(filter({ categories: [category] })), n)
      assert.equal(seen, [...new Set(seen)].toSorted().toReversed())
    }
  })
})

test('every page reads its index in order and sorts nothing', () => {
  withProjections([tickets], (db) => {
    for (const order of ['updated', '-updated', 'created', '-created'] as const) {
      for (const account of [accountId('acme'), undefined]) {
        for (const after of [undefined, { at: log.at(1), id: ticketId('T-1') }]) {
          const { sql, values } = pageQuery(filter({ account }), order, after, 10)
          const plan = db
            .prepare<(string | number)[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
            .all(...values)
            .map(({ detail }) => detail)
          const index = `tickets_${account === undefined ? '' : 'of_account_'}by_${order.replace('-', '')}`
          const [step = ''] = plan
          assert.is(plan.length, 1, plan.join('\n'))
          assert.match(step, `SEARCH t USING INDEX ${index} (`)
          // A deep page starts at its key and does not read up to it.
          if (after !== undefined) assert.match(step, /[<>]/)
        }
      }
    }
  })
})

test.run()
