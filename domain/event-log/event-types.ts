import type * as t from 'io-ts'
import { ImportProgressed } from '../import/events.ts'
import { MailBegun, MailSettled, MailsMarked, type MailEvent } from '../mail/events.ts'
import {
  HistoryRead,
  NotificationsSeen,
  PreferencesSet,
  SignedIn,
  SignedOut,
  TicketSeen,
  type UserEvent,
} from '../user/events.ts'
import {
  Assigned,
  Closed,
  CommentAdded,
  FileAttached,
  Opened,
  Reopened,
  StatusChanged,
  type TicketEvent,
} from '../ticket/events.ts'

/** Every event that this system can write. */
export type DomainEvent = TicketEvent | UserEvent | ImportProgressed | MailEvent
export type EventType = DomainEvent['type']

/**
 * The codec and the present schema version of each type. A codec never changes its meaning: a new shape gets the next
 * version here, an upcaster in `upcast.ts` and a golden file in the tests.
 */
export const eventTypes: { readonly [T in EventType]: { readonly schema: number; readonly codec: t.Mixed } } = {
  Opened: { schema: 1, codec: Opened },
  CommentAdded: { schema: 1, codec: CommentAdded },
  FileAttached: { schema: 1, codec: FileAttached },
  StatusChanged: { schema: 1, codec: StatusChanged },
  Assigned: { schema: 1, codec: Assigned },
  Closed: { schema: 1, codec: Closed },
  Reopened: { schema: 1, codec: Reopened },
  SignedIn: { schema: 1, codec: SignedIn },
  TicketSeen: { schema: 1, codec: TicketSeen },
  NotificationsSeen: { schema: 1, codec: NotificationsSeen },
  PreferencesSet: { schema: 1, codec: PreferencesSet },
  HistoryRead: { schema: 1, codec: HistoryRead },
  SignedOut: { schema: 1, codec: SignedOut },
  ImportProgressed: { schema: 1, codec: ImportProgressed },
  MailBegun: { schema: 1, codec: MailBegun },
  MailSettled: { schema: 1, codec: MailSettled },
  MailsMarked: { schema: 1, codec: MailsMarked },
}

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventTypes, type)
