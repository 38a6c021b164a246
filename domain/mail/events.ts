import * as t from 'io-ts'

/**
 * The outbox log of a cluster: what was done about mails, in the stream `mail-outbox`, so that the next leader goes on
 * where the last one ended. Only a log that several servers share has it: a single data folder keeps the same in
 * `mail.db` (docs/adr/0021-notifications-and-mail-outbox.md).
 */

/** From here on a mail may have been sent, until `MailSettled` records the outcome; it may be begun again. */
const MailBegun = t.strict({
  type: t.literal('MailBegun'),
  data: t.strict({ messageId: t.string }),
  personal: t.strict({}),
})

/** Nothing more is to be done. `reason` is the mail server's own text, which may name a person. */
const MailSettled = t.strict({
  type: t.literal('MailSettled'),
  data: t.strict({ messageId: t.string, outcome: t.keyof({ taken: null, noted: null, refused: null }) }),
  personal: t.intersection([t.strict({}), t.partial({ reason: t.string })]),
})

/**
 * A mail checkpoint. The first: no mail is sent for what stands before it in the log. Each later one: the mails for
 * everything before the previous checkpoint are settled. Its own position counts, not one in its data, so that it holds
 * in a copied log.
 */
const MailsMarked = t.strict({ type: t.literal('MailsMarked'), data: t.strict({}), personal: t.strict({}) })

/** Each type of event of the outbox log, with its schema version (`domain/event-log/event-types.ts`). */
export const mailEvents = {
  MailBegun: { schema: 1, codec: MailBegun },
  MailSettled: { schema: 1, codec: MailSettled },
  MailsMarked: { schema: 1, codec: MailsMarked },
} as const

export type MailEvent = t.TypeOf<(typeof mailEvents)[keyof typeof mailEvents]['codec']>
