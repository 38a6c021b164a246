import type { Either } from 'fp-ts/lib/Either.js'
import type { Actor } from '../../domain/actor.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { Kind, MailChoice } from '../../domain/notification/kinds.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Status } from '../../domain/ticket/status.ts'
import type { AttachedFile } from '../../projections/files/files.ts'
import type { ReportName } from '../../projections/reports/definitions.ts'
import type { ReportFilter, ReportRow } from '../../projections/reports/queries.ts'

/**
 * What the queries need of the read models. All of it answers from this server's own files; nothing here decides a
 * command.
 */
export interface Views {
  /** One page of the list. A cursor that is not this list's own is refused as Invalid at `cursor`. */
  readonly tickets: (query: TicketQuery) => Either<Refusal, TicketRows>
  /** Whether the other side commented since this person last looked. */
  readonly unread: (reader: Reader, ticket: string) => boolean
  /** Names and mails as last seen, of those of these ids that are known. */
  readonly names: (ids: readonly string[]) => ReadonlyMap<string, { readonly name: string; readonly email: string }>
  /** Somebody of an account or of support, as last seen; null for whom the log has not seen as such. */
  readonly person: (id: string) => Actor | null
  /** The people of support to whom a ticket can be assigned, by name. */
  readonly team: () => readonly { readonly id: string; readonly name: string; readonly email: string }[]
  /** Customers of all accounts by the beginnings of their names: some 20 at most. */
  readonly customers: (query: string) => readonly Customer[]
  readonly counters: (reader: Reader) => Counters
  /** One page of a person's notifications, newest first. A cursor that is not of this list is refused as Invalid. */
  readonly notifications: (reader: Reader, limit: number, cursor: string | null) => Either<Refusal, NotificationRows>
  /** Whether this is the id of a notification of this person's. */
  readonly hasNotification: (reader: Reader, id: string) => boolean
  /** What was told behind `after` and up to `upTo`, to anybody, in log order. */
  readonly freshNotifications: (after: Position, upTo: Position) => readonly FreshNotification[]
  /** Where a ticket belongs; null for one that is not there. */
  readonly accountOf: (ticket: string) => string | null
  /** Which kinds this person chose to have by mail, or not to. */
  readonly mailChoice: (person: string) => MailChoice
  /** A file that an event names. */
  readonly file: (id: string) => AttachedFile | undefined
  /** Whether somebody ended this session (`sessionOf`). */
  readonly isOver: (session: string) => boolean
  /** A report's rows, their members in the order of its columns. */
  readonly report: (name: ReportName, filter: ReportFilter) => Either<Refusal, readonly ReportRow[]>
  /** As `waitFor`, for the reports, which have read models of their own. */
  readonly waitForReports: (position: Position, ms: number) => Promise<boolean>
  readonly projections: () => readonly ProjectionStatus[]
  /** Whether the read models hold the position, waiting for it so many milliseconds at most. */
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  /** Whether the read models have caught up since the start: before, the server is not ready. */
  readonly ready: () => boolean
}

/** What is answered while they are not `ready`. */
export const listsAreMade: Refusal = { tag: 'NotReady', reason: 'the lists are being made; try again' }

/** Whose marks count: a customer sees their account's tickets, support sees all. */
export type Reader =
  | { readonly id: string; readonly role: 'customer'; readonly account: string }
  | { readonly id: string; readonly role: 'support' }

/** A customer as last seen. */
export interface Customer {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly account: string
}

export type Sort = '-updated' | 'updated' | '-created' | 'created' | 'relevance'

export interface TicketQuery {
  /** The only account whose tickets may be answered; null for all. */
  readonly account: string | null
  /** Whose unread marks the rows carry; null for those who have none. */
  readonly reader: Reader | null
  readonly view: 'active' | 'archive'
  readonly q: string | null
  /** Any of these; none named means all. */
  readonly categories: readonly string[]
  readonly statuses: readonly Status[]
  /** `relevance` only where `q` is given. */
  readonly sort: Sort
  readonly limit: number
  readonly cursor: string | null
}

/** A line of the list. People are ids; names come from `names`. Texts are null once erased. Times are ISO 8601. */
export interface TicketRow {
  readonly id: string
  readonly account: string
  readonly subject: string | null
  readonly author: string
  readonly assignee: string | null
  readonly status: Status
  /** The category's id. */
  readonly category: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly version: number
  readonly unread: boolean
}

export interface TicketRows {
  readonly items: readonly TicketRow[]
  /** Opaque; null on the last page. */
  readonly next: string | null
  readonly total: number
  /** There are more hits than `total` says (rulings, 19). */
  readonly totalCapped?: true
}

/** People are ids; a subject is null once erased. The first of the kinds names the notification. */
export interface NotificationRow {
  readonly id: string
  readonly kinds: readonly Kind[]
  readonly ticket: string
  readonly subject: string | null
  readonly actor: string
  readonly at: string
  readonly seen: boolean
}

/** A notification that was just made, and for whom. */
export interface FreshNotification extends NotificationRow {
  /** Of the first event that it tells of. */
  readonly position: Position
  /** The account whose user is told; null for support. */
  readonly account: string | null
  /** The person who is told; null for the whole team. */
  readonly reader: string | null
}

export interface NotificationRows {
  readonly items: readonly NotificationRow[]
  /** Opaque; null on the last page. */
  readonly next: string | null
}

export interface Counters {
  readonly waiting: number
  readonly unreadTickets: number
  readonly unreadNotifications: number
}

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly position: Position
  readonly lagSeconds: number
  readonly eventsPerSecond: number
  /** Tickets that this projection stopped at, each with the place and the reason (architecture, decision 11). */
  readonly parked: readonly { readonly ticket: string; readonly position: Position; readonly reason: string }[]
}
