import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectionRunner } from '../../../app/projections/projection-runner.ts'
import { make, makeAppliedTable, makeRunnerTables } from '../../../app/projections/runner-tables.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import type { RecordedEvent } from '../../../domain/event-log/envelope.ts'
import { ticketStream, userStream, type StreamName } from '../../../domain/ids.ts'
import { isUnread } from '../../../domain/ticket/unread.ts'
import { reading } from '../../../projections/reading/reading.ts'
import { holds } from '../../support/arbitrary.ts'
import { ticketId } from '../../support/ids.ts'
import { ann, sue, tom } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { commentAdded, opened } from './events.ts'

const test = suite('unread, from the streams alone')

const ticket = ticketId('T-00000001')
const people = [ann, sue, tom]
const step = fc.tuple(
  fc.constantFrom('comment', 'sign-in', 'read'),
  fc.nat(people.length - 1),
  fc.integer({ min: 1, max: 8 }),
)

test('it is what the read model says, whatever was done', () => {
  holds(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const log = testLog()
      log.ticket(ticket, ann, opened(ann))
      for (const [what, who, version] of steps) {
        const person = people[who] ?? ann
        if (what === 'comment') log.ticket(ticket, person, commentAdded('Hello'))
        else if (what === 'sign-in') log.user(person, { type: 'SignedIn', data: {}, personal: {} })
        else log.user(person, { type: 'TicketSeen', data: { ticket, version }, personal: {} })
      }
      const db = new Sqlite(':memory:')
      makeRunnerTables(db)
      makeAppliedTable(db)
      make(db, reading)
      projectionRunner(db, [reading]).apply(log.events)
      const events = (stream: StreamName): readonly RecordedEvent[] =>
        log.events.filter((event) => event.stream === stream).flatMap((event) => decodeEvent(event) ?? [])
      for (const person of people) {
        const { id, role } = person
        const own = { isSupport: role === 'support', events: events(userStream(id)) }
        assert.is(
          isUnread(ticket, events(ticketStream(ticket)), own),
          reading
            .queries(db)
            .unreadAmong({ id, account: person.role === 'customer' ? person.account : undefined }, [ticket])
            .has(ticket),
          id,
        )
      }
      db.close()
    }),
    { usually: 200 },
  )
})

test.run()
