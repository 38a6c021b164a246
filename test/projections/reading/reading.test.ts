import type { Database } from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { reading } from '../../../projections/reading/reading.ts'
import { closed, commentAdded, opened, statusChanged } from '../../domain/ticket/events.ts'
import type { UserEvent } from '../../../domain/user/events.ts'
import { holds } from '../../support/arbitrary.ts'
import { personId, accountId, ticketId } from '../../support/ids.ts'
import { testLog } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter } from '../../support/projection-specs.ts'
import { ann, bob, eve, sue, tom } from '../../support/people.ts'

const test = suite('reading marks')

const signedIn: UserEvent = { type: 'SignedIn', data: {}, personal: {} }
const seen = (ticket: string, version: number): UserEvent => ({
  type: 'TicketSeen',
  data: { ticket: ticketId(ticket), version },
  personal: {},
})

const log = testLog()
log.ticket('T-0', bob, opened(bob))
log.ticket('T-0', sue, commentAdded('From before anybody signed in'))
for (const person of [ann, bob, eve, sue]) log.user(person, signedIn)
log.ticket('T-1', bob, opened(bob))
log.ticket('T-1', sue, commentAdded('Hello'))
log.ticket('T-2', ann, opened(ann))
log.ticket('T-2', bob, commentAdded('A colleague'))
log.ticket('T-3', eve, opened(eve))
log.ticket('T-3', sue, statusChanged('open', 'in_progress', 'taken', sue), closed)
log.user(bob, seen('T-1', 2))
log.user(bob, seen('T-1', 1))
log.user(bob, signedIn)

const all = ['T-0', 'T-1', 'T-2', 'T-3'].map(ticketId)
const readers = {
  ann: { id: personId('ann'), account: accountId('acme') },
  bob: { id: personId('bob'), account: accountId('acme') },
  eve: { id: personId('eve'), account: accountId('evil') },
  sue: { id: personId('sue'), account: undefined },
  tom: { id: personId('tom'), account: undefined },
}

const shown = (db: Database): unknown => {
  const { unreadAmong, unreadTickets } = reading.queries(db)
  return Object.fromEntries(
    Object.entries(readers).map(([name, reader]) => [name, [[...unreadAmong(reader, all)], unreadTickets(reader)]]),
  )
}

projectionSpec(
  test,
  reading,
  'unread: a comment of the other side, above the cursor, after the first sign-in',
  log.events,
  shown,
  { ann: [['T-1'], 1], bob: [[], 0], eve: [[], 0], sue: [['T-2'], 1], tom: [[], 0] },
)

test('a later comment makes a ticket unread again until it is read', () => {
  const more = testLog()
  more.user(bob, signedIn)
  more.ticket('T-1', bob, opened(bob))
  more.ticket('T-1', sue, commentAdded('One'))
  more.user(bob, seen('T-1', 2))
  more.ticket('T-1', tom, commentAdded('Two'))
  more.ticket('T-1', bob, commentAdded('An own comment reads nothing'))
  const unread = shownAfter([reading], more.events, (db) => reading.queries(db).unreadTickets(readers.bob))
  assert.is(unread, 1)
})

test('a sign-in with another account counts what is unread there', () => {
  const more = testLog()
  more.user(bob, signedIn)
  more.ticket('T-1', bob, opened(bob))
  more.ticket('T-1', sue, commentAdded('One'))
  more.ticket('T-2', eve, opened(eve))
  more.ticket('T-2', sue, commentAdded('Two'))
  more.ticket('T-3', eve, opened(eve))
  more.ticket('T-3', sue, commentAdded('Three'))
  const moved = { ...bob, account: accountId('evil') }
  more.user(moved, seen('T-2', 2))
  const counts = (): readonly number[] =>
    shownAfter([reading], more.events, (db) =>
      ['acme', 'evil']
        .map(accountId)
        .map((account) => reading.queries(db).unreadTickets({ id: personId('bob'), account })),
    )
  assert.equal(counts(), [1, 1])
  more.user(moved, signedIn)
  assert.equal(counts(), [1, 1])
  more.ticket('T-2', sue, commentAdded('Again'))
  assert.equal(counts(), [1, 2])
  more.user(moved, seen('T-2', 3), seen('T-3', 2))
  assert.equal(counts(), [1, 0])
})

const ids = ['T-1', 'T-2', 'T-3', 'T-4'].map(ticketId)
const step = fc.record({
  ticket: fc.constantFrom(...ids),
  person: fc.constantFrom(ann, bob, eve, sue, tom),
  does: fc.constantFrom('sign in', 'comment', 'comment', 'see'),
  version: fc.integer({ min: 1, max: 12 }),
})

test('the counter is the number of unread tickets, after any history', () => {
  holds(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const any = testLog()
      for (const id of ids) any.ticket(id, id === 'T-4' ? eve : bob, opened(id === 'T-4' ? eve : bob))
      for (const { ticket, person, does, version } of steps) {
        if (does === 'sign in') any.user(person, signedIn)
        else if (does === 'see') any.user(person, seen(ticket, version))
        else any.ticket(ticket, person, commentAdded('x'))
      }
      shownAfter([reading], any.events, (db) => {
        const { unreadAmong, unreadTickets } = reading.queries(db)
        for (const reader of Object.values(readers)) assert.is(unreadTickets(reader), unreadAmong(reader, ids).size)
      })
    }),
    { usually: 200 },
  )
})

test.run()
