import * as t from 'io-ts'
import { Role } from '../../domain/actor.ts'
import { documented, type SchemaPart } from '../../domain/codec.ts'
import { Kind, MailChoice } from '../../domain/notification/kinds.ts'
import { Status } from '../../domain/ticket/status.ts'

/**
 * The JSON of every response (docs/api.md), as io-ts codecs: the source of their types, which the HTTP adapter and the
 * web client share, and of their schemas in the OpenAPI document. It lies outside both folders so that neither imports
 * from the other.
 */
const textOf = (name: string, schema: SchemaPart): t.Type<string, string, unknown> =>
  documented(
    { type: 'string', ...schema },
    new t.Type(name, t.string.is, (input, context) => t.string.validate(input, context), t.identity),
  )

const time = textOf('time', { format: 'date-time' })
const position = textOf('position', { pattern: '^[0-9]+$' })
const hash = textOf('hash', { pattern: '^([0-9a-f]{64})?$' })
const whole: t.Type<number, number, unknown> = documented(
  { type: 'integer', minimum: 0 },
  new t.Type('whole', t.number.is, (input, context) => t.number.validate(input, context), t.identity),
)
const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null])

const ReceiptResponse = t.strict({ id: t.string, version: whole, status: Status, position })

/** `name` is null once erased; only support and auditors receive `email`. */
const PersonResponse = t.intersection([
  t.strict({ id: t.string, name: orNull(t.string) }),
  t.partial({ email: orNull(t.string) }),
])
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

const TicketItem = t.strict(itemFields)
export type TicketItem = t.TypeOf<typeof TicketItem>

const TicketList = t.intersection([
  t.strict({ items: t.array(TicketItem), next: orNull(t.string), total: whole }),
  t.partial({ totalCapped: t.literal(true) }),
])
export type TicketList = t.TypeOf<typeof TicketList>

const Attachment = t.strict({
  id: t.string,
  name: orNull(t.string),
  mediaType: t.string,
  size: whole,
  uploadedAt: time,
  uploadedBy: PersonResponse,
  commentId: orNull(t.string),
})
export type Attachment = t.TypeOf<typeof Attachment>

const Comment = t.strict({
  id: t.string,
  author: PersonResponse,
  body: orNull(t.string),
  createdAt: time,
  attachments: t.array(Attachment),
})

const Ticket = t.strict({
  ...itemFields,
  description: orNull(t.string),
  source: orNull(t.string),
  closedAt: orNull(time),
  attachments: t.array(Attachment),
  comments: t.array(Comment),
})
export type TicketResponse = t.TypeOf<typeof Ticket>

const ActorResponse = t.intersection([
  t.strict({ id: t.string, role: Role }),
  t.partial({ account: t.string, name: t.string, email: t.string }),
])

const HistoryEvent = t.intersection([
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
])

const History = t.strict({ items: t.array(HistoryEvent) })
export type HistoryResponse = t.TypeOf<typeof History>

const SeenResponse = t.strict({ unread: t.boolean })

const CountersResponse = t.strict({ waiting: whole, unreadTickets: whole, unreadNotifications: whole })
export type CountersResponse = t.TypeOf<typeof CountersResponse>

const Notification = t.strict({
  id: t.string,
  kind: Kind,
  also: t.array(Kind),
  ticket: t.strict({ id: t.string, subject: orNull(t.string) }),
  actor: PersonResponse,
  at: time,
  seen: t.boolean,
})
export type NotificationResponse = t.TypeOf<typeof Notification>

const NotificationList = t.strict({ items: t.array(Notification), next: orNull(t.string) })
export type NotificationList = t.TypeOf<typeof NotificationList>

const NotificationsSeen = t.strict({ unreadNotifications: whole })

/** Every kind of notification that this person can receive, and whether it is sent by mail too. */
const Preferences = t.strict({ mail: MailChoice })
export type PreferencesResponse = t.TypeOf<typeof Preferences>

const Categories = t.strict({ items: t.array(t.strict({ id: t.string, name: t.string, retired: t.boolean })) })

const Me = t.strict({ id: t.string, name: t.string, email: t.string, role: Role, account: orNull(t.string) })
export type Me = t.TypeOf<typeof Me>

const Team = t.strict({ items: t.array(t.strict({ id: t.string, name: t.string, email: t.string })) })
export type TeamResponse = t.TypeOf<typeof Team>

const Customers = t.strict({
  items: t.array(t.strict({ id: t.string, name: t.string, email: t.string, account: t.string })),
})
export type CustomersResponse = t.TypeOf<typeof Customers>

const SignIns = t.strict({
  people: t.array(t.strict({ id: t.string, name: t.string, role: Role, account: orNull(t.string) })),
})

const Projection = t.strict({
  name: t.string,
  version: whole,
  position,
  lagSeconds: t.number,
  eventsPerSecond: t.number,
  parked: t.readonlyArray(t.strict({ ticket: t.string, position, reason: t.string })),
})
export type ProjectionResponse = t.TypeOf<typeof Projection>

const Projections = t.strict({ items: t.array(Projection) })

const Reports = t.strict({
  items: t.array(t.strict({ name: t.string, title: t.string, columns: t.array(t.string) })),
})

/** A row's members are the report's columns, in their order. */
const ReportRow = documented(
  { type: 'object', additionalProperties: { type: ['string', 'number', 'null'] } },
  t.record(t.string, t.union([t.string, t.number, t.null])),
)
const Report = t.strict({ columns: t.array(t.string), rows: t.array(ReportRow) })

const Uploads = t.strict({
  files: t.array(t.strict({ id: t.string, name: t.string, mediaType: t.string, size: whole, sha256: t.string })),
})

const Health = t.strict({ status: t.literal('ok') })

const ProblemResponse = t.intersection([
  t.strict({ type: t.string, title: t.string, status: whole, detail: t.string, instance: t.string }),
  t.partial({ errors: t.array(t.strict({ path: t.string, message: t.string })) }),
])
export type ProblemResponse = t.TypeOf<typeof ProblemResponse>

/** The schemas that have a name in the OpenAPI document. */
export const responseSchemas = {
  Receipt: ReceiptResponse,
  Person: PersonResponse,
  TicketItem,
  TicketList,
  Attachment,
  Uploads,
  Comment,
  Ticket,
  Actor: ActorResponse,
  HistoryEvent,
  History,
  Seen: SeenResponse,
  Counters: CountersResponse,
  Notification,
  NotificationList,
  NotificationsSeen,
  Preferences,
  Categories,
  Me,
  SignIns,
  Team,
  Customers,
  Projections,
  Reports,
  Report,
  Health,
  Problem: ProblemResponse,
} as const
