import * as t from 'io-ts'

/**
 * What was done about mails, in the stream `mail-outbox`, for whichever server sends them next. Only a log that several
 * servers share has it: one data folder keeps this in a file of its own.
 */

/** From here on a mail may have been sent, until `MailSettled` says so; it may be begun again. */
export const MailBegun = t.strict({
  type: t.literal('MailBegun'),
  data: t.strict({ messageId: t.string }),
  personal: t.strict({}),
})
type MailBegun = t.TypeOf<typeof MailBegun>

/** Nothing more is to be done. `reason`: a mail server's own words, which may name a person. */
export const MailSettled = t.strict({
  type: t.literal('MailSettled'),
  data: t.strict({ messageId: t.string, outcome: t.keyof({ taken: null, noted: null, refused: null }) }),
  personal: t.intersection([t.strict({}), t.partial({ reason: t.string })]),
})
type MailSettled = t.TypeOf<typeof MailSettled>

/**
 * The first mark: what stands before it in the log is told to nobody. Each later one: whatever stands before the mark
 * before it was settled. A mark's own place is what counts, so that a copied log means the same.
 */
export const MailsMarked = t.strict({ type: t.literal('MailsMarked'), data: t.strict({}), personal: t.strict({}) })
type MailsMarked = t.TypeOf<typeof MailsMarked>

export type MailEvent = MailBegun | MailSettled | MailsMarked
