import { namesOf } from '../../domain/actor.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { UserEvent } from '../../domain/user/events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import {
  assigned,
  closed,
  commentAdded,
  fileAttached,
  log as textFile,
  opened,
  reopened,
  shot,
  statusChanged,
} from '../domain/ticket/events.ts'
import { accountId, personId, eventId, ticketId } from '../support/ids.ts'
import { testLog, withoutPersonal } from '../support/projection-log.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'

const signedIn: UserEvent = { type: 'SignedIn', data: {}, personal: {} }
const seen = (ticket: string, version: number): UserEvent => ({
  type: 'TicketSeen',
  data: { ticket: ticketId(ticket), version },
  personal: {},
})
const notificationsSeen = (upTo?: string): UserEvent => ({
  type: 'NotificationsSeen',
  data: upTo === undefined ? {} : { upTo: eventId(upTo) },
  personal: {},
})

const others: readonly DomainEvent[] = [
  { type: 'HistoryRead', data: { ticket: ticketId('T-1'), version: 3 }, personal: {} },
  { type: 'ImportProgressed', data: { digest: 'd', lines: 3 }, personal: {} },
  { type: 'MailBegun', data: { messageId: 'm' }, personal: {} },
  { type: 'MailSettled', data: { messageId: 'm', outcome: 'taken' }, personal: {} },
  { type: 'MailsMarked', data: {}, personal: {} },
]

/** More different words than one document of the search index takes. */
const longText = (from: number): string => Array.from({ length: 400 }, (_, n) => `word${from + n}`).join(' ')

/**
 * The log of the golden files: every type of event, and what each does to read models in every way that they tell
 * apart. It never changes but by events added at its end, since the digests depend on it.
 */
export const goldenLog = (): readonly StoredEvent[] => {
  const log = testLog()
  for (const person of [sue, ann, bob, eve]) log.user(person, signedIn)
  log.ticket('T-1', bob, opened(bob), fileAttached(textFile))
  log.ticket('T-2', ann, opened(ann))
  log.ticket('T-3', eve, opened(eve))
  log.ticket('T-1', sue, statusChanged('open', 'in_progress', 'taken', sue))
  log.ticket('T-1', sue, commentAdded('Which browser?'), statusChanged('in_progress', 'waiting_for_customer', 'asked'))
  log.user(bob, seen('T-1', 3), notificationsSeen())
  log.user(tom, signedIn)
  log.ticket('T-1', bob, commentAdded('Firefox, wörds and ﬁles'), fileAttached(shot))
  log.ticket(
    'T-1',
    ann,
    commentAdded('The same here'),
    statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'),
  )
  log.user(sue, seen('T-1', 6), notificationsSeen(log.events[4]?.id))
  log.ticket('T-2', tom, assigned(sue))
  log.ticket('T-2', sue, statusChanged('open', 'in_progress', 'taken', sue), commentAdded(longText(0)))
  log.ticket('T-2', sue, commentAdded(longText(300)))
  log.ticket('T-2', ann, closed)
  log.ticket('T-2', ann, commentAdded('It came back'), reopened)
  log.ticket('T-3', sue, closed)
  log.user(bob, { type: 'PreferencesSet', data: { mail: { support_commented: false } }, personal: {} })
  log.user(bob, { type: 'PreferencesSet', data: { mail: { closed_by_support: true } }, personal: {} })
  // renamed; acts in another account; is support elsewhere
  log.user({ ...ann, name: 'Ann Archer' }, seen('T-2', 4))
  log.user({ ...eve, account: accountId('acme') }, signedIn)
  log.ticket('T-4', bob, {
    ...opened(bob),
    personal: { subject: 'Erased later', description: 'Erased later', author: namesOf(bob) },
  })
  log.ticket('T-4', sue, statusChanged('open', 'in_progress', 'taken', sue), commentAdded('Erased later'))
  log.ticket(
    'T-5',
    { id: personId('sue'), name: 'Sue', email: 'sue@help.example', role: 'customer', account: accountId('acme') },
    opened(bob),
  )
  log.user(sue, ...others)
  log.user(ann, { type: 'SignedOut', data: { session: 's-1' }, personal: {} })
  log.unknown('T-2', sue)
  log.user(sue, { type: 'LogSealed', data: { to: 'sqlite:/new' }, personal: {} })
  return withoutPersonal(log.events, 'T-4')
}
