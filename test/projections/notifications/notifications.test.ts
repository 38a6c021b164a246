import type { Database } from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Actor } from '../../../domain/actor.ts'
import type { DomainEvent } from '../../../domain/event-log/event-types.ts'
import type { Kind } from '../../../domain/notification/kinds.ts'
import { notifications } from '../../../projections/notifications/notifications.ts'
import {
  assigned,
  closed,
  commentAdded,
  fileAttached,
  log as logFile,
  opened,
  reopened,
  statusChanged,
} from '../../domain/ticket/events.ts'
import { holds } from '../../support/arbitrary.ts'
import { ann, bob, eve, sue, tom } from '../../support/people.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter, withProjections } from '../../support/projection-specs.ts'
import { projectionRunner } from '../../../app/projections/projection-runner.ts'
import { personId, accountId, eventId } from '../../support/ids.ts'

const test = suite('notifications')

const signedIn: DomainEvent = { type: 'SignedIn', data: {}, personal: {} }
const seen = (upTo?: string): DomainEvent => ({
  type: 'NotificationsSeen',
  data: upTo === undefined ? {} : { upTo: eventId(upTo) },
  personal: {},
})
const preferring = (mail: { readonly [K in Kind]?: boolean }): DomainEvent => ({
  type: 'PreferencesSet',
  data: { mail },
  personal: {},
})

const readerOf = (actor: Actor) => ({ id: actor.id, account: 'account' in actor ? actor.account : undefined })
const everyone = [ann, bob, eve, sue, tom]

/** For each person: `ticket: kinds`, newest first, unseen ones with a star, and the counter. */
const shown = (db: Database): unknown => {
  const { page, unseen } = notifications.queries(db)
  return Object.fromEntries(
    everyone.map((person) => [
      person.id,
      [
        ...page(readerOf(person), undefined, 100).map(
          (each) => `${each.ticket} ${each.kinds.join('+')} by ${each.actor}${each.seen ? '' : ' *'}`,
        ),
        unseen(readerOf(person)),
      ],
    ]),
  )
}

const log = testLog()
log.ticket('T-0', bob, opened(bob))
log.user(sue, signedIn)
log.ticket('T-1', bob, opened(bob))
log.ticket('T-1', ann, fileAttached(logFile), commentAdded('Mine too'))
log.ticket('T-1', sue, commentAdded('Where?'), statusChanged('open', 'waiting_for_customer', 'asked', sue))
log.ticket('T-1', bob, commentAdded('Here'), statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'))
log.ticket('T-1', sue, assigned(tom))
log.user(bob, seen())
log.ticket('T-1', tom, closed)
log.ticket('T-1', bob, reopened, commentAdded('Again'))
log.ticket('T-2', sue, opened(eve), statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue))
log.ticket('T-2', sue, assigned(sue))
log.ticket('T-3', eve, opened(eve), closed)

projectionSpec(test, notifications, 'one for each append and person', log.events, shown, {
  ann: ['T-1 closed_by_support by tom *', 'T-1 waiting_for_customer+support_commented by sue *', 2],
  bob: ['T-1 closed_by_support by tom *', 'T-1 waiting_for_customer+support_commented by sue', 1],
  eve: ['T-2 opened_for_you by sue *', 1],
  sue: [
    'T-3 new_ticket by eve *',
    'T-1 customer_commented by bob *',
    'T-1 customer_commented by ann *',
    'T-1 new_ticket by bob *',
    4,
  ],
  tom: ['T-3 new_ticket by eve *', 'T-1 reopened+customer_commented by bob *', 'T-1 assigned_to_you by sue *', 3],
})

test('seen up to one leaves later ones unseen, never goes back, and ignores ids of other people', () => {
  const more = testLog()
  more.ticket('T-1', bob, opened(bob))
  for (const text of ['One', 'Two', 'Three']) more.ticket('T-1', sue, commentAdded(text))
  const idOf = (n: number): string => more.events[n]?.id ?? ''
  const unseen = (...marks: readonly DomainEvent[]): number => {
    const marked = testLog()
    marked.ticket('T-1', bob, opened(bob))
    for (const text of ['One', 'Two', 'Three']) marked.ticket('T-1', sue, commentAdded(text))
    for (const mark of marks) marked.user(bob, mark)
    return shownAfter([notifications], marked.events, (db) => notifications.queries(db).unseen(readerOf(bob)))
  }
  assert.is(unseen(), 3)
  assert.is(unseen(seen(idOf(2))), 1)
  assert.is(unseen(seen(idOf(2)), seen(idOf(1))), 1)
  assert.is(unseen(seen(idOf(0))), 3, 'it was a notification to support')
  assert.is(unseen(seen('elsewhere')), 3)
  assert.is(unseen(seen()), 0)
})

test('a person who moved to another account sees no notifications of the account before', () => {
  const moved = { ...readerOf(bob), account: accountId('evil') }
  shownAfter([notifications], log.events, (db) => {
    const { page, unseen, has } = notifications.queries(db)
    const [one] = page(readerOf(bob), undefined, 1)
    assert.equal(page(moved, undefined, 10), [])
    assert.is(unseen(moved), 0)
    assert.ok(has(readerOf(bob), one?.id ?? eventId('')))
    assert.not(has(moved, one?.id ?? eventId('')))
    assert.not(has(readerOf(eve), one?.id ?? eventId('')))
  })
})

test('a team member who acts as a customer is not notified of it, the rest of the team is', () => {
  const more = testLog()
  more.user(sue, signedIn)
  more.user(tom, signedIn)
  const alsoBob = { ...bob, id: tom.id }
  more.ticket('T-1', alsoBob, opened(alsoBob))
  assert.equal(shownAfter([notifications], more.events, shown), {
    ann: [0],
    bob: [0],
    eve: [0],
    sue: ['T-1 new_ticket by tom *', 1],
    tom: [0],
  })
})

test('a page goes on where the one before ended, through both lists of support', () => {
  shownAfter([notifications], log.events, (db) => {
    const { page } = notifications.queries(db)
    const ids: string[] = []
    let before: number | undefined
    for (let rows = page(readerOf(tom), before, 1); rows.length > 0; rows = page(readerOf(tom), before, 1)) {
      ids.push(...rows.map(({ id }) => id))
      before = rows.at(-1)?.position
    }
    assert.equal(
      ids,
      page(readerOf(tom), undefined, 10).map(({ id }) => id),
    )
  })
})

test('an erased ticket keeps its notifications, without a subject', () => {
  const subjects = shownAfter([notifications], withoutPersonal(log.events, 'T-1'), (db) =>
    notifications
      .queries(db)
      .page(readerOf(ann), undefined, 10)
      .map(({ subject }) => subject),
  )
  assert.equal(subjects, [null, null])
})

test('the last mail choice replaces the one before as a whole', () => {
  const more = testLog()
  more.user(bob, preferring({ closed_by_support: false, support_commented: true }))
  more.user(ann, preferring({ opened_for_you: false }))
  more.user(bob, preferring({ closed_by_support: true }))
  shownAfter([notifications], more.events, (db) => {
    const { mailChoice } = notifications.queries(db)
    assert.equal(mailChoice(personId('bob')), { closed_by_support: true })
    assert.equal(mailChoice(personId('ann')), { opened_for_you: false })
    assert.equal(mailChoice(personId('eve')), {})
  })
})

const step = fc.record({
  person: fc.constantFrom(ann, bob, eve, sue, tom),
  does: fc.constantFrom('comment', 'comment', 'close', 'assign', 'see', 'sign in'),
  ticket: fc.constantFrom('T-1', 'T-2'),
})

test('the counter is the number of unseen ones in the list, after any history, in any pages', () => {
  holds(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (steps, size) => {
      const any = testLog()
      any.ticket('T-1', bob, opened(bob))
      any.ticket('T-2', eve, opened(eve))
      for (const { person, does, ticket } of steps) {
        if (does === 'comment') any.ticket(ticket, person, commentAdded('x'))
        else if (does === 'close') any.ticket(ticket, person, closed)
        else if (does === 'assign') any.ticket(ticket, person, assigned(tom))
        else any.user(person, does === 'see' ? seen() : signedIn)
      }
      withProjections([notifications], (db) => {
        const { apply } = projectionRunner(db, [notifications])
        for (let at = 0; at < any.events.length; at += size) apply(any.events.slice(at, at + size))
        const { page, unseen } = notifications.queries(db)
        for (const person of everyone) {
          const rows = page(readerOf(person), undefined, 1_000)
          assert.is(unseen(readerOf(person)), rows.filter((row) => !row.seen).length)
          assert.ok(rows.every(({ actor }) => actor !== person.id))
          assert.is(new Set(rows.map(({ id }) => id)).size, rows.length)
        }
      })
    }),
    { usually: 100 },
  )
})

test.run()
