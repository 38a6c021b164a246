import * as t from 'io-ts'

/**
 * What a notification may be about, by who gets it, each with whether it is wanted as a mail. The order counts: a
 * notification about several things is named by the first of them, and the read model stores a bit for each.
 */
const forCustomers = {
  closed_by_support: t.boolean,
  opened_for_you: t.boolean,
  waiting_for_customer: t.boolean,
  support_commented: t.boolean,
}
const forSupport = {
  reopened: t.boolean,
  assigned_to_you: t.boolean,
  customer_commented: t.boolean,
  new_ticket: t.boolean,
}
const all = { ...forCustomers, ...forSupport }

export const Kind = t.keyof(all)
export type Kind = t.TypeOf<typeof Kind>

export const kinds: readonly Kind[] = Object.keys(all).filter((name) => Kind.is(name))

const isForCustomers = (kind: Kind): boolean => Object.hasOwn(forCustomers, kind)

/** The kinds that people of this role get, in their order. */
export const kindsFor = (role: 'customer' | 'support'): readonly Kind[] =>
  kinds.filter((kind) => isForCustomers(kind) === (role === 'customer'))

/** Which kinds a person wants as a mail too; a kind that the person never chose is absent. */
export const MailChoice = t.partial(all)
export type MailChoice = t.TypeOf<typeof MailChoice>

/** The kinds for customers come by mail unless turned off, those for support only where turned on. */
export const comesByMail = (kind: Kind, choice: MailChoice): boolean => choice[kind] ?? isForCustomers(kind)
