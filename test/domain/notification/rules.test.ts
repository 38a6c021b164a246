import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Actor } from '../../../domain/actor.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { comesByMail, kinds, kindsFor } from '../../../domain/notification/kinds.ts'
import { newsOf } from '../../../domain/notification/rules.ts'
import type { TicketEvent } from '../../../domain/ticket/events.ts'
import { bob, sue, tom } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { assigned, closed, commentAdded, fileAttached, log, opened, reopened, statusChanged } from '../ticket/events.ts'

const news = suite('what an event tells')

const told = (actor: Actor, event: TicketEvent): readonly string[] => {
  const written = testLog()
  written.ticket('T-1', actor, event)
  return written.events.flatMap((stored) => {
    const read = decodeEvent(stored)
    if (read === null) throw new Error('a known event')
    return newsOf(read).map(({ kind, to }) => `${kind} to ${typeof to === 'string' ? to : to.person}`)
  })
}

const asked = statusChanged('open', 'waiting_for_customer', 'asked', sue)
const rows: readonly (readonly [Actor, TicketEvent, readonly string[]])[] = [
  [bob, opened(bob), ['new_ticket to desk']],
  [bob, commentAdded('x'), ['customer_commented to desk']],
  [bob, reopened, ['reopened to desk']],
  [bob, closed, []],
  [bob, fileAttached(log), []],
  [bob, statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'), []],
  [sue, opened(bob), []],
  [sue, commentAdded('x'), ['support_commented to involved']],
  [sue, reopened, []],
  [sue, closed, ['closed_by_support to involved']],
  [sue, asked, ['waiting_for_customer to involved']],
  [sue, statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue), ['opened_for_you to involved']],
  [sue, statusChanged('open', 'in_progress', 'taken', sue), []],
  [tom, asked, ['waiting_for_customer to involved', 'assigned_to_you to sue']],
  [sue, statusChanged('open', 'in_progress', 'taken', tom), ['assigned_to_you to tom']],
  [sue, assigned(tom), ['assigned_to_you to tom']],
  [sue, assigned(sue), []],
]

for (const [actor, event, expected] of rows) {
  const what = event.type === 'StatusChanged' ? `${event.type} (${event.data.cause})` : event.type
  news(`${what} by ${actor.id}`, () => assert.equal(told(actor, event), expected))
}

news('a sign-in is no news', () => {
  const written = testLog()
  written.reader(sue, { type: 'SignedIn', data: {}, personal: {} })
  const [stored] = written.events
  const read = stored === undefined ? null : decodeEvent(stored)
  assert.equal(read === null ? null : newsOf(read), [])
})

news('the spec’s four come by mail unless turned off, the others where turned on', () => {
  assert.equal(kindsFor('customer'), kinds.slice(0, 4))
  assert.equal(kindsFor('support'), kinds.slice(4))
  for (const kind of kinds) {
    assert.is(comesByMail(kind, {}), kindsFor('customer').includes(kind))
    assert.is(comesByMail(kind, { [kind]: true }), true)
    assert.is(comesByMail(kind, { [kind]: false }), false)
  }
})

news.run()
