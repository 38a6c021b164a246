import type { Database } from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { reading } from '../../projections/reading.ts'
import { closed, commentAdded, opened, statusChanged } from '../domain/ticket/events.ts'
import type { SignedIn, TicketSeen } from '../../domain/reader/events.ts'
import { testLog } from '../support/projection-log.ts'
import { projectionSpec, shownAfter } from '../support/projection-specs.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'

const test = suite('reading marks')

const signedIn: SignedIn = { type: 'SignedIn', data: {}, personal: {} }
const seen = (ticket: string, version: number): TicketSeen => ({
  type: 'TicketSeen',
  data: { ticket, version },
  personal: {},
})

const log = testLog()
log.ticket('T-0', bob, opened(bob))
log.ticket('T-0', sue, commentAdded('From before anybody signed in'))
for (const person of [ann, bob, eve, sue]) log.reader(person, signedIn)
log.ticket('T-1', bob, opened(bob))
log.ticket('T-1', sue, commentAdded('Hello'))
log.ticket('T-2', ann, opened(ann))
log.ticket('T-2', bob, commentAdded('A colleague'))
log.ticket('T-3', eve, opened(eve))
log.ticket('T-3', sue, statusChanged('open', 'in_progress', 'taken', sue), closed)
log.reader(bob, seen('T-1', 2))
log.reader(bob, seen('T-1', 1))
log.reader(bob, signedIn)

const all = ['T-0', 'T-1', 'T-2', 'T-3']
const readers = {
  ann: { id: 'ann', account: 'acme' },
  bob: { id: 'bob', account: 'acme' },
  eve: { id: 'eve', account: 'evil' },
  sue: { id: 'sue', account: undefined },
  tom: { id: 'tom', account: undefined },
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
  'bold is a comment of the other side, above the cursor, after the first sign-in',
  log.events,
  shown,
  { ann: [['T-1'], 1], bob: [[], 0], eve: [[], 0], sue: [['T-2'], 1], tom: [[], 0] },
)

test('a later comment makes it bold again, and only reading ends that', () => {
  const more = testLog()
  more.reader(bob, signedIn)
  more.ticket('T-1', bob, opened(bob))
  more.ticket('T-1', sue, commentAdded('One'))
  more.reader(bob, seen('T-1', 2))
  more.ticket('T-1', tom, commentAdded('Two'))
  more.ticket('T-1', bob, commentAdded('An own comment reads nothing'))
  const unread = shownAfter([reading], more.events, (db) => reading.queries(db).unreadTickets(readers.bob))
  assert.is(unread, 1)
})

test.run()
