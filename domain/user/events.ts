import * as t from 'io-ts'
import { EventId, StoredTicketId } from '../ids.ts'
import { MailChoice } from '../notification/kinds.ts'

/**
 * The events of a person's own stream, `reader-<id>`: reading marks are events, so a rebuild keeps them
 * (docs/adr/0020-user-streams-and-reading-marks.md).
 */

/** The first authenticated request of a person: comments before it are not unread for them. */
const SignedIn = t.strict({ type: t.literal('SignedIn'), data: t.strict({}), personal: t.strict({}) })

/** The ticket was read up to this version. A later event with a lower version changes nothing. */
const TicketSeen = t.strict({
  type: t.literal('TicketSeen'),
  data: t.strict({ ticket: StoredTicketId, version: t.number }),
  personal: t.strict({}),
})

/** Notifications were seen up to the one of this id; without an id, all before this event. */
const NotificationsSeen = t.strict({
  type: t.literal('NotificationsSeen'),
  data: t.exact(t.partial({ upTo: EventId })),
  personal: t.strict({}),
})

/** Whether each named kind of notification comes by mail from now on; the others follow the default. */
const PreferencesSet = t.strict({
  type: t.literal('PreferencesSet'),
  data: t.strict({ mail: MailChoice }),
  personal: t.strict({}),
})

/** An auditor was shown the ticket's history up to this version. Recorded each time, before the answer. */
const HistoryRead = t.strict({
  type: t.literal('HistoryRead'),
  data: t.strict({ ticket: StoredTicketId, version: t.number }),
  personal: t.strict({}),
})

/** A session was ended by its person. `session` is the SHA-256 of its token (64 hex digits), from which no token follows. */
const SignedOut = t.strict({
  type: t.literal('SignedOut'),
  data: t.strict({ session: t.string }),
  personal: t.strict({}),
})

/** Each type of event of a person's stream, with its schema version (`domain/event-log/event-types.ts`). */
export const userEvents = {
  SignedIn: { schema: 1, codec: SignedIn },
  TicketSeen: { schema: 1, codec: TicketSeen },
  NotificationsSeen: { schema: 1, codec: NotificationsSeen },
  PreferencesSet: { schema: 1, codec: PreferencesSet },
  HistoryRead: { schema: 1, codec: HistoryRead },
  SignedOut: { schema: 1, codec: SignedOut },
} as const

export type UserEvent = t.TypeOf<(typeof userEvents)[keyof typeof userEvents]['codec']>
