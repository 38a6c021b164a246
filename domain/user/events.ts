import * as t from 'io-ts'
import { MailChoice } from '../notification/kinds.ts'

/** What a person has read lives in a stream of their own, `reader-<id>`, so that a rebuild keeps it. */

/** The first authenticated request of a person: what is older is not unread for them (rulings, 21). */
export const SignedIn = t.strict({ type: t.literal('SignedIn'), data: t.strict({}), personal: t.strict({}) })
export type SignedIn = t.TypeOf<typeof SignedIn>

/** The ticket was read up to this version. It only grows. */
export const TicketSeen = t.strict({
  type: t.literal('TicketSeen'),
  data: t.strict({ ticket: t.string, version: t.number }),
  personal: t.strict({}),
})
export type TicketSeen = t.TypeOf<typeof TicketSeen>

/** Notifications were seen up to the one of this id; without an id, all that stood before this event. */
export const NotificationsSeen = t.strict({
  type: t.literal('NotificationsSeen'),
  data: t.exact(t.partial({ upTo: t.string })),
  personal: t.strict({}),
})
export type NotificationsSeen = t.TypeOf<typeof NotificationsSeen>

/** From now on these kinds come by mail, or do not; a kind that is not named does as it does for everybody. */
export const PreferencesSet = t.strict({
  type: t.literal('PreferencesSet'),
  data: t.strict({ mail: MailChoice }),
  personal: t.strict({}),
})
export type PreferencesSet = t.TypeOf<typeof PreferencesSet>

/** An auditor was shown the ticket's history up to this version. Recorded before it is shown, each time. */
export const HistoryRead = t.strict({
  type: t.literal('HistoryRead'),
  data: t.strict({ ticket: t.string, version: t.number }),
  personal: t.strict({}),
})
export type HistoryRead = t.TypeOf<typeof HistoryRead>

/** A session ended before its time. It is named by the SHA-256 of its token (64 hex digits), which is no use to anybody. */
export const SignedOut = t.strict({
  type: t.literal('SignedOut'),
  data: t.strict({ session: t.string }),
  personal: t.strict({}),
})
export type SignedOut = t.TypeOf<typeof SignedOut>

export type UserEvent = SignedIn | TicketSeen | NotificationsSeen | PreferencesSet | HistoryRead | SignedOut
