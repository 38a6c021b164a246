import * as t from 'io-ts'

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

export type ReaderEvent = SignedIn | TicketSeen
