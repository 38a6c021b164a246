import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Principal } from './actor.ts'
import type { Position, RecordedEvent } from './event-log/envelope.ts'
import type { Kind, MailChoice } from './notification/kinds.ts'
import type { Refusal } from './refusal.ts'
import type { Request, TicketRequest } from './ticket/bodies.ts'
import type { Status } from './ticket/status.ts'

/** How a command was called; the header's texts as they came. */
export interface Call {
  readonly caller: Principal
  readonly correlationId: string
  readonly idempotencyKey?: string
  /** From If-Match: the ticket must still stand at this version. */
  readonly ifVersion?: number
  /** Set for recorded commands that are played again. */
  readonly imported?: { readonly source: string; readonly at: string }
}

/** What a command answers. `status` is the ticket's after it, `position` the log's. */
export interface Receipt {
  readonly id: string
  readonly version: number
  readonly status: Status
  readonly position: Position
}

/** Everything that changes or reads a stream for a caller; `app/commands` implements it. */
export interface Commands {
  readonly open: (call: Call, request: Extract<Request, { type: 'open' }>) => TaskEither<Refusal, Receipt>
  readonly act: (call: Call, ticket: string, request: TicketRequest) => TaskEither<Refusal, Receipt>
  /** The ticket's whole stream, or NotFound where the caller may not know of it. */
  readonly stream: (caller: Principal, ticket: string) => TaskEither<Refusal, readonly RecordedEvent[]>
  /** The same for those who audit: an auditor's reading is on record before the answer is given. */
  readonly history: (call: Call, ticket: string) => TaskEither<Refusal, readonly RecordedEvent[]>
  /** Read up to `upTo` (the ticket's present version unless told), for this person alone. */
  readonly seen: (call: Call, ticket: string, upTo?: number) => TaskEither<Refusal, { readonly position: Position }>
  /** Marks this person's notifications as seen up to the one of this id, or all of them. */
  readonly seeNotifications: (call: Call, upTo?: string) => TaskEither<Refusal, { readonly position: Position }>
  /** Which kinds come by mail to this person from now on. */
  readonly prefer: (call: Call, mail: MailChoice) => TaskEither<Refusal, { readonly position: Position }>
  /** Which no longer do, whatever else was chosen; whoever follows a mail's link need not have been here. */
  readonly unsubscribe: (call: Call, kinds: readonly Kind[]) => TaskEither<Refusal, { readonly position: Position }>
  /** Records the first request of a person, once (rulings, 21). */
  readonly signIn: (call: Call) => TaskEither<Refusal, { readonly position: Position }>
  /** Ends a session, by its id, for every server of this log. */
  readonly signOut: (call: Call, session: string) => TaskEither<Refusal, { readonly position: Position }>
  /** Where an import's ticket stands, or will stand: its id, and its events so far. */
  readonly find: (
    source: string,
    ticketKey: string,
  ) => TaskEither<Refusal, { readonly id: string; readonly events: readonly RecordedEvent[] }>
}

/** Who is known as support, from the log and from the identity provider. */
export interface Team {
  readonly isSupport: (person: string) => boolean
}
