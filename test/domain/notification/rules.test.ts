import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Actor } from '../../../domain/actor.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { comesByMail, kinds, kindsFor } from '../../../domain/notification/kinds.ts'
import { notificationsFor } from '../../../domain/notification/rules.ts'
import type { TicketEvent } from '../../../domain/ticket/events.ts'
import { bob, sue, tom } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { assigned, closed, commentAdded, fileAttached, log, opened, reopened, statusChanged } from '../ticket/events.ts'

const rules = suite('notification rules')

const due = (actor: Actor, event: TicketEvent): readonly string[] => {
  const written = testLog()
  written.ticket('T-1', actor, event)
  return written.events.flatMap((stored) => {
    const read = decodeEvent(stored)
    if (read === null) throw new Error('a known event')
    return notificationsFor(read).map(({ kind, to }) => `${kind} to ${typeof to === 'string' ? to : to.person}`)
  })
}

const asked = statusChanged('open', 'waiting_for_customer', 'asked', sue)
const rows: readonly (readonly [Actor, TicketEvent, readonly string[]])[] = [
  [bob, opened(bob), ['new_ticket to assignee-or-team']],
  [bob, commentAdded('x'), ['customer_commented to assignee-or-team']],
  [bob, reopened, ['reopened to assignee-or-team']],
  [bob, closed, []],
  [bob, fileAttached(log), []],
  [bob, statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'), []],
  [sue, opened(bob), []],
  [sue, commentAdded('x'), ['support_commented to involved-customers']],
  [sue, reopened, []],
  [sue, closed, ['closed_by_support to involved-customers']],
  [sue, asked, ['waiting_for_customer to involved-customers']],
  [
    sue,
    statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue),
    ['opened_for_you to involved-customers'],
  ],
  [sue, statusChanged('open', 'in_progress', 'taken', sue), []],
  [tom, asked, ['waiting_for_customer to involved-customers', 'assigned_to_you to sue']],
  [sue, statusChanged('open', 'in_progress', 'taken', tom), ['assigned_to_you to tom']],
  [sue, assigned(tom), ['assigned_to_you to tom']],
  [sue, assigned(sue), []],
]

for (const [actor, event, expected] of rows) {
  const what = event.type === 'StatusChanged' ? `${event.type} (${event.data.cause})` : event.type
  rules(`${what} by ${actor.id}`, () => assert.equal(due(actor, event), expected))
}

rules('a sign-in notifies nobody', () => {
  const written = testLog()
  written.user(sue, { type: 'SignedIn', data: {}, personal: {} })
  const [stored] = written.events
  const read = stored === undefined ? null : decodeEvent(stored)
  assert.equal(read === null ? null : notificationsFor(read), [])
})

rules('the four customer kinds come by mail unless turned off, support’s only where turned on', () => {
  assert.equal(kindsFor('customer'), kinds.slice(0, 4))
  assert.equal(kindsFor('support'), kinds.slice(4))
  for (const kind of kinds) {
    assert.is(comesByMail(kind, {}), kindsFor('customer').includes(kind))
    assert.is(comesByMail(kind, { [kind]: true }), true)
    assert.is(comesByMail(kind, { [kind]: false }), false)
  }
})

rules.run()
