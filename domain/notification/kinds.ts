import * as t from 'io-ts'

/** What a notification may be about. One that is about several things is named by the first of them in this order. */
export const kinds = [
  'closed_by_support',
  'opened_for_you',
  'waiting_for_customer',
  'support_commented',
  'reopened',
  'assigned_to_you',
  'customer_commented',
  'new_ticket',
] as const

export type Kind = (typeof kinds)[number]

/** The kinds that customers get; the others are support's. */
const toCustomers: ReadonlySet<Kind> = new Set(kinds.slice(0, 4))

export const Kind = t.keyof({
  closed_by_support: null,
  opened_for_you: null,
  waiting_for_customer: null,
  support_commented: null,
  reopened: null,
  assigned_to_you: null,
  customer_commented: null,
  new_ticket: null,
})

export const kindsFor = (role: 'customer' | 'support'): readonly Kind[] =>
  kinds.filter((kind) => toCustomers.has(kind) === (role === 'customer'))

/** Which kinds a person wants as a mail too; a kind that the person never chose is absent. */
export const MailChoice = t.partial({
  closed_by_support: t.boolean,
  opened_for_you: t.boolean,
  waiting_for_customer: t.boolean,
  support_commented: t.boolean,
  reopened: t.boolean,
  assigned_to_you: t.boolean,
  customer_commented: t.boolean,
  new_ticket: t.boolean,
})
export type MailChoice = t.TypeOf<typeof MailChoice>

/** The four customer kinds come by mail unless turned off, support's only where turned on. */
export const comesByMail = (kind: Kind, choice: MailChoice): boolean => choice[kind] ?? toCustomers.has(kind)
