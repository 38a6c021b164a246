import * as t from 'io-ts'
import { Role } from '../../domain/actor.ts'
import { documented, type SchemaPart } from '../../domain/codec.ts'
import { Kind, MailChoice } from '../../domain/notification/kinds.ts'
import { Status } from '../../domain/ticket/status.ts'
import { component } from './component.ts'

/**
 * The JSON of every response (docs/api.md), as io-ts codecs: the source of their types, which the HTTP adapter and the
 * web client share, and of their schemas in the OpenAPI document. It lies outside both folders so that neither imports
 * from the other. A codec that the web client does not use stands in the module of its route.
 */
const textOf = (name: string, schema: SchemaPart): t.Type<string, string, unknown> =>
  documented(
    { type: 'string', ...schema },
    new t.Type(name, t.string.is, (input, context) => t.string.validate(input, context), t.identity),
  )

const time = textOf('time', { format: 'date-time' })
const position = textOf('position', { pattern: '^[0-9]+$' })
const hash = textOf('hash', { pattern: '^([0-9a-f]{64})?$' })
export const whole: t.Type<number, number, unknown> = documented(
  { type: 'integer', minimum: 0 },
  new t.Type('whole', t.number.is, (input, context) => t.number.validate(input, context), t.identity),
)
const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null])

export const ReceiptResponse = component(
  'Receipt',
  t.strict({ id: t.string, version: whole, status: Status, position }),
)

/** `name` is null once erased; only support and auditors receive `email`. */
export const PersonResponse = component(
  'Person',
  t.intersection([t.strict({ id: t.string, name: orNull(t.string) }), t.partial({ email: orNull(t.string) })]),
)
export type PersonResponse = t.TypeOf<typeof PersonResponse>

const itemFields = {
  id: t.string,
  account: t.string,
  subject: orNull(t.string),
  author: PersonResponse,
  assignee: orNull(PersonResponse),
  status: Status,
  category: t.string,
  createdAt: time,
  updatedAt: time,
  version: whole,
  unread: t.boolean,
}

export const TicketItem = component('TicketItem', t.strict(itemFields))
export type TicketItem = t.TypeOf<typeof TicketItem>

export const TicketList = component(
  'TicketList',
  t.intersection([
    t.strict({ items: t.array(TicketItem), next: orNull(t.string), total: whole }),
    t.partial({ totalCapped: t.literal(true) }),
  ]),
)
export type TicketList = t.TypeOf<typeof TicketList>

export const Attachment = component(
  'Attachment',
  t.strict({
    id: t.string,
    name: orNull(t.string),
    mediaType: t.string,
    size: whole,
    uploadedAt: time,
    uploadedBy: PersonResponse,
    commentId: orNull(t.string),
  }),
)
export type Attachment = t.TypeOf<typeof Attachment>

const CommentResponse = component(
  'Comment',
  t.strict({
    id: t.string,
    author: PersonResponse,
    body: orNull(t.string),
    createdAt: time,
    attachments: t.array(Attachment),
  }),
)

export const TicketResponse = component(
  'Ticket',
  t.strict({
    ...itemFields,
    description: orNull(t.string),
    source: orNull(t.string),
    closedAt: orNull(time),
    attachments: t.array(Attachment),
    comments: t.array(CommentResponse),
  }),
)
export type TicketResponse = t.TypeOf<typeof TicketResponse>

const ActorResponse = component(
  'Actor',
  t.intersection([
    t.strict({ id: t.string, role: Role }),
    t.partial({ account: t.string, name: t.string, email: t.string }),
  ]),
)

const HistoryEventResponse = component(
  'HistoryEvent',
  t.intersection([
    t.strict({
      position,
      stream: t.string,
      version: whole,
      id: t.string,
      type: t.string,
      schema: whole,
      occurredAt: time,
      recordedAt: time,
      actor: ActorResponse,
      commandId: t.string,
      correlationId: t.string,
      data: t.UnknownRecord,
      previousHash: hash,
      hash,
    }),
    t.partial({ via: ActorResponse, erased: t.literal(true) }),
  ]),
)

export const HistoryResponse = component('History', t.strict({ items: t.array(HistoryEventResponse) }))
export type HistoryResponse = t.TypeOf<typeof HistoryResponse>

export const CountersResponse = component(
  'Counters',
  t.strict({ waiting: whole, unreadTickets: whole, unreadNotifications: whole }),
)
export type CountersResponse = t.TypeOf<typeof CountersResponse>

export const NotificationResponse = component(
  'Notification',
  t.strict({
    id: t.string,
    kind: Kind,
    also: t.array(Kind),
    ticket: t.strict({ id: t.string, subject: orNull(t.string) }),
    actor: PersonResponse,
    at: time,
    seen: t.boolean,
  }),
)
export type NotificationResponse = t.TypeOf<typeof NotificationResponse>

export const NotificationList = component(
  'NotificationList',
  t.strict({ items: t.array(NotificationResponse), next: orNull(t.string) }),
)
export type NotificationList = t.TypeOf<typeof NotificationList>

/** Every kind of notification that this person can receive, and whether it is sent by mail too. */
export const PreferencesResponse = component('Preferences', t.strict({ mail: MailChoice }))
export type PreferencesResponse = t.TypeOf<typeof PreferencesResponse>

export const Me = component(
  'Me',
  t.strict({ id: t.string, name: t.string, email: t.string, role: Role, account: orNull(t.string) }),
)
export type Me = t.TypeOf<typeof Me>

export const TeamResponse = component(
  'Team',
  t.strict({ items: t.array(t.strict({ id: t.string, name: t.string, email: t.string })) }),
)
export type TeamResponse = t.TypeOf<typeof TeamResponse>

export const CustomersResponse = component(
  'Customers',
  t.strict({
    items: t.array(t.strict({ id: t.string, name: t.string, email: t.string, account: t.string })),
  }),
)
export type CustomersResponse = t.TypeOf<typeof CustomersResponse>

const ProjectionResponse = t.strict({
  name: t.string,
  version: whole,
  position,
  lagSeconds: t.number,
  eventsPerSecond: t.number,
  parked: t.readonlyArray(t.strict({ ticket: t.string, position, reason: t.string })),
})
export type ProjectionResponse = t.TypeOf<typeof ProjectionResponse>

export const ProjectionsResponse = component('Projections', t.strict({ items: t.array(ProjectionResponse) }))

export const HealthResponse = component('Health', t.strict({ status: t.literal('ok') }))

/** What a server can do (docs/operations/states.md). */
export const ServerStatus = t.keyof({
  starting: null,
  'catching-up': null,
  ready: null,
  degraded: null,
  'read-only': null,
  closing: null,
})

/** `reason` is null where nothing is wrong; `progress` is the share of what is under way, 0 to 1. */
export const ReadinessResponse = component(
  'Readiness',
  t.strict({ status: ServerStatus, reason: orNull(t.string), progress: orNull(t.number) }),
)
export type ReadinessResponse = t.TypeOf<typeof ReadinessResponse>

export const ProblemResponse = component(
  'Problem',
  t.intersection([
    t.strict({ type: t.string, title: t.string, status: whole, detail: t.string, instance: t.string }),
    t.partial({ errors: t.array(t.strict({ path: t.string, message: t.string })), moreErrors: whole }),
  ]),
)
export type ProblemResponse = t.TypeOf<typeof ProblemResponse>
