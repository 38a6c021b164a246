import * as t from 'io-ts'
import { email, label, text } from '../codec.ts'
import { subjectLimit, textLimit } from './text.ts'

/** The bodies of the commands as callers send them, over HTTP and in an import (contract, sections 4 and 9). */

const PersonBody = t.strict({ id: label, name: label, email })

const RequesterBody = t.strict({ id: label, name: label, email, account: label })

/** Whom a service acts for: a customer with an account, or support without one. */
export const OnBehalfOf = t.intersection([
  t.strict({ id: label, name: label, email, role: t.keyof({ customer: null, support: null }) }),
  t.partial({ account: label }),
])
export type OnBehalfOf = t.TypeOf<typeof OnBehalfOf>

const acting = { onBehalfOf: OnBehalfOf }
const attachments = t.array(label)

export const OpenBody = t.intersection([
  t.strict({ subject: text(subjectLimit), description: text(textLimit), category: label }),
  t.partial({ attachments, source: text(2_000), requester: RequesterBody, ...acting }),
])
export type OpenBody = t.TypeOf<typeof OpenBody>

/** At least one of body and attachments; which is checked where the command is made, since a codec cannot say it. */
export const CommentBody = t.partial({
  body: text(textLimit),
  attachments,
  thenStatus: t.keyof({ in_progress: null, waiting_for_customer: null, closed: null }),
  ...acting,
})
export type CommentBody = t.TypeOf<typeof CommentBody>

/** Take and close say nothing but who. */
export const BareBody = t.partial(acting)
export type BareBody = t.TypeOf<typeof BareBody>

export const StatusBody = t.intersection([
  t.strict({ status: t.keyof({ in_progress: null, waiting_for_customer: null }) }),
  t.partial(acting),
])
export type StatusBody = t.TypeOf<typeof StatusBody>

export const AssignBody = t.intersection([t.strict({ assignee: PersonBody }), t.partial(acting)])
export type AssignBody = t.TypeOf<typeof AssignBody>

export const ReopenBody = t.intersection([t.strict({ body: text(textLimit) }), t.partial({ attachments, ...acting })])
export type ReopenBody = t.TypeOf<typeof ReopenBody>

/** A command still in its caller's words, by type. */
export type Request =
  | ({ readonly type: 'open' } & OpenBody)
  | ({ readonly type: 'comment' } & CommentBody)
  | ({ readonly type: 'take' } & BareBody)
  | ({ readonly type: 'status' } & StatusBody)
  | ({ readonly type: 'assign' } & AssignBody)
  | ({ readonly type: 'close' } & BareBody)
  | ({ readonly type: 'reopen' } & ReopenBody)

export type TicketRequest = Exclude<Request, { readonly type: 'open' }>
