import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../adapters/crypto.ts'
import { namesOf, type Principal } from '../../../domain/actor.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { readFurther } from '../../../domain/event-log/decider.ts'
import { erased, positionOf, type RecordedEvent } from '../../../domain/event-log/envelope.ts'
import { emptyStream, sealEvents } from '../../../domain/event-log/seal-events.ts'
import { userStream } from '../../../domain/ids.ts'
import type { UserEvent } from '../../../domain/user/events.ts'
import { userDecider, type UserCommand } from '../../../domain/user/user.ts'
import { eventId, personId, ticketId, commandId } from '../../support/ids.ts'
import { ann } from '../../support/people.ts'

const user = suite('a person’s own stream')

const signedIn: UserEvent = { type: 'SignedIn', data: {}, personal: {} }
const signedOut = (session: string): UserEvent => ({ type: 'SignedOut', data: { session }, personal: {} })
const ticketSeen = (ticket: string, version: number): UserEvent => ({
  type: 'TicketSeen',
  data: { ticket: ticketId(ticket), version },
  personal: {},
})
const notificationsSeen = (upTo?: string): UserEvent => ({
  type: 'NotificationsSeen',
  data: upTo === undefined ? {} : { upTo: eventId(upTo) },
  personal: {},
})
const preferencesSet = (mail: Extract<UserEvent, { type: 'PreferencesSet' }>['data']['mail']): UserEvent => ({
  type: 'PreferencesSet',
  data: { mail },
  personal: {},
})
const historyRead = (ticket: string, version: number): UserEvent => ({
  type: 'HistoryRead',
  data: { ticket: ticketId(ticket), version },
  personal: {},
})

const at = '2026-01-01T00:00:00.000Z'

/** The events as they are read back from the stream of this person. */
const recorded = (events: readonly UserEvent[], actor: Principal = ann): readonly RecordedEvent[] => {
  const context = {
    actor,
    commandId: commandId('c'),
    correlationId: 'r',
    fingerprint: 'f',
    occurredAt: at,
    recordedAt: at,
  }
  const sealed = sealEvents(sha256, () => '0'.repeat(32))(userStream(actor.id), emptyStream, context, events)
  return sealed.flatMap((each, index) => decodeEvent({ ...each, position: positionOf(index + 1) }) ?? [])
}

const decideOn = (history: readonly RecordedEvent[], command: UserCommand) => {
  const { initial, evolve, decide } = userDecider(command)
  return decide(history.reduce(evolve, initial))
}

const given = (...events: readonly UserEvent[]) => ({
  when: (command: UserCommand) => ({
    // oxlint-disable-next-line unicorn/no-thenable -- the specification's own word; nobody awaits an example
    then: (...expected: readonly UserEvent[]) => {
      const history = recorded(events)
      assert.equal(decideOn(history, command), { _tag: 'Right', right: expected })
      assert.equal(decideOn(history, command), { _tag: 'Right', right: expected }, 'decides the same twice')
    },
  }),
  /** Only the last `n` events were loaded. */
  last: (n: number) => ({ when: (command: UserCommand) => decideOn(recorded(events).slice(-n), command) }),
})

const signIn = (names = namesOf(ann)): UserCommand => ({ type: 'signIn', names })

user('a first request is a sign-in, and a second under the same names is not', () => {
  given().when(signIn()).then(signedIn)
  given(signedIn).when(signIn()).then()
  given(signedIn, ticketSeen('T-1', 1)).when(signIn()).then()
})

user('a request under another name or mail address is a sign-in', () => {
  given(signedIn)
    .when(signIn({ ...namesOf(ann), name: 'Ann Baker' }))
    .then(signedIn)
  given(signedIn)
    .when(signIn({ ...namesOf(ann), email: 'ann@other.example' }))
    .then(signedIn)
})

user('choices of mails that links made do not count as a first request', () => {
  given(preferencesSet({ reopened: false }), preferencesSet({}))
    .when(signIn())
    .then(signedIn)
  given(signedIn, preferencesSet({})).when(signIn()).then()
})

user('choices alone in a part of the stream do not say that there was no sign-in', () => {
  const history = given(signedIn, preferencesSet({}), preferencesSet({})).last(2)
  assert.equal(history.when(signIn()), { _tag: 'Right', right: [] })
})

user('names that were erased are not known to differ', () => {
  const [first] = recorded([signedIn])
  assert.ok(first !== undefined)
  assert.equal(decideOn([{ ...first, personal: erased }], signIn()), { _tag: 'Right', right: [] })
})

user('sessions end once, whatever they are named by', () => {
  const all = { person: personId('ann'), before: '2026-01-01T00:00:00.000Z' }
  for (const ended of [{ session: 'a' }, { providerSession: 'a' }, all, { ...all, except: 'a' }]) {
    const event: UserEvent = { type: 'SignedOut', data: ended, personal: {} }
    given(signedIn).when({ type: 'signOut', ended }).then(event)
    given(signedIn, event, ticketSeen('T-1', 1)).when({ type: 'signOut', ended }).then()
    const later = { ...all, before: '2026-01-02T00:00:00.000Z' }
    given(signedIn, event)
      .when({ type: 'signOut', ended: later })
      .then({ type: 'SignedOut', data: later, personal: {} })
  }
})

user('a session ends once', () => {
  given(signedIn)
    .when({ type: 'signOut', ended: { session: 'a' } })
    .then(signedOut('a'))
  given(signedIn, signedOut('a'), ticketSeen('T-1', 1))
    .when({ type: 'signOut', ended: { session: 'a' } })
    .then()
  given(signedIn, signedOut('a'))
    .when({ type: 'signOut', ended: { session: 'b' } })
    .then(signedOut('b'))
})

user('looking at a ticket again is recorded only for a later version or another ticket', () => {
  given()
    .when({ type: 'seeTicket', ticket: ticketId('T-1'), version: 3 })
    .then(ticketSeen('T-1', 3))
  given(ticketSeen('T-1', 3))
    .when({ type: 'seeTicket', ticket: ticketId('T-1'), version: 3 })
    .then()
  given(ticketSeen('T-1', 3))
    .when({ type: 'seeTicket', ticket: ticketId('T-1'), version: 2 })
    .then()
  given(ticketSeen('T-1', 3))
    .when({ type: 'seeTicket', ticket: ticketId('T-1'), version: 4 })
    .then(ticketSeen('T-1', 4))
  given(ticketSeen('T-1', 3))
    .when({ type: 'seeTicket', ticket: ticketId('T-2'), version: 1 })
    .then(ticketSeen('T-2', 1))
})

user('notifications seen up to the same one are recorded once, all of them each time', () => {
  given()
    .when({ type: 'seeNotifications', upTo: eventId('n') })
    .then(notificationsSeen('n'))
  given(notificationsSeen('n'))
    .when({ type: 'seeNotifications', upTo: eventId('n') })
    .then()
  given(notificationsSeen()).when({ type: 'seeNotifications', upTo: undefined }).then(notificationsSeen())
})

user('preferences are recorded where they change something', () => {
  given().when({ type: 'setPreferences', mail: {} }).then()
  given()
    .when({ type: 'setPreferences', mail: { reopened: true } })
    .then(preferencesSet({ reopened: true }))
  given(preferencesSet({ reopened: true }))
    .when({ type: 'setPreferences', mail: { reopened: true } })
    .then()
  given(preferencesSet({ reopened: true }))
    .when({ type: 'setPreferences', mail: {} })
    .then(preferencesSet({}))
})

user('a choice that the loaded events do not show is recorded again', () => {
  const later = given(preferencesSet({ reopened: true }), signedIn, ticketSeen('T-1', 1)).last(2)
  assert.equal(later.when({ type: 'setPreferences', mail: { reopened: true } }), {
    _tag: 'Right',
    right: [preferencesSet({ reopened: true })],
  })
})

user('unsubscribing turns off the named kinds and leaves every other choice', () => {
  given(preferencesSet({ reopened: true }))
    .when({ type: 'unsubscribe', kinds: ['support_commented'] })
    .then(preferencesSet({ reopened: true, support_commented: false }))
  given(preferencesSet({ support_commented: false }))
    .when({ type: 'unsubscribe', kinds: ['support_commented'] })
    .then()
  given()
    .when({ type: 'unsubscribe', kinds: ['reopened'] })
    .then()
})

user('unsubscribing reads further back where the loaded events show no choice', () => {
  const later = given(preferencesSet({ reopened: true }), signedIn).last(1)
  assert.equal(later.when({ type: 'unsubscribe', kinds: ['support_commented'] }), { _tag: 'Left', left: readFurther })
})

user('each reading of a history is recorded', () => {
  given(historyRead('T-1', 2))
    .when({ type: 'readHistory', ticket: ticketId('T-1'), version: 2 })
    .then(historyRead('T-1', 2))
})

user.run()
