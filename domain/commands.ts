import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Principal } from './actor.ts'
import type { Position, RecordedEvent } from './event-log/envelope.ts'
import type { EventId, PersonId, TicketId } from './ids.ts'
import type { Kind, MailChoice } from './notification/kinds.ts'
import type { Refusal } from './refusal.ts'
import type { Request } from './ticket/commands/registry.ts'
import type { Status } from './ticket/status.ts'
import type { EndedSessions } from './user/events.ts'

/** Who issues a command, and the request headers that belong to it, as they came. */
export interface Call {
  readonly caller: Principal
  readonly correlationId: string
  readonly idempotencyKey?: string
  /** From If-Match: the version that the ticket must still have. */
  readonly ifVersion?: number
  /** Set for recorded commands of an import: its source, and when the command was issued there, as ISO 8601. */
  readonly imported?: { readonly source: string; readonly at: string }
}

/** The answer to a command: the ticket's version and status after it, and the position of its last event. */
export interface Receipt {
  readonly id: TicketId
  readonly version: number
  readonly status: Status
  readonly position: Position
}

/** The commands on tickets, and reading one's stream. `app/commands` implements them. */
export interface TicketCommands {
  readonly open: (call: Call, request: Request<'open'>) => TaskEither<Refusal, Receipt>
  /** Any other command, on a ticket that exists. */
  readonly act: (
    call: Call,
    ticket: TicketId,
    request: Exclude<Request, Request<'open'>>,
  ) => TaskEither<Refusal, Receipt>
  /** The ticket's whole stream; NotFound where the caller may not know of it. */
  readonly stream: (caller: Principal, ticket: TicketId) => TaskEither<Refusal, readonly RecordedEvent[]>
}

/** What an import needs to know of its tickets before it issues a command. */
export interface ImportCommands {
  /** Whether the command would add events to a ticket with these events. Nothing is appended. */
  readonly preview: (call: Call, request: Request, events: readonly RecordedEvent[]) => TaskEither<Refusal, boolean>
  /** The id that an import's ticket has or will have, and its events so far. */
  readonly find: (
    source: string,
    ticketKey: string,
  ) => TaskEither<Refusal, { readonly id: TicketId; readonly events: readonly RecordedEvent[] }>
}

/** The position at which the log holds what a command did, whether it added anything or not. */
export interface Acknowledgement {
  readonly position: Position
}

/** The commands on a person's own stream. */
export interface UserCommands {
  /** Records a person's first request, and each one under another name or mail address than the last. */
  readonly signIn: (call: Call) => TaskEither<Refusal, Acknowledgement>
  /** Ends a session, by its id, on every server of this log. */
  readonly signOut: (call: Call, ended: EndedSessions) => TaskEither<Refusal, Acknowledgement>
  /** The ticket was read up to version `upTo`, its last one unless given. */
  readonly seen: (call: Call, ticket: TicketId, upTo?: number) => TaskEither<Refusal, Acknowledgement>
  /** Notifications were seen up to the one of this id, all of them unless given. */
  readonly seeNotifications: (call: Call, upTo?: EventId) => TaskEither<Refusal, Acknowledgement>
  /** Which kinds of notifications come by mail from now on. */
  readonly prefer: (call: Call, mail: MailChoice) => TaskEither<Refusal, Acknowledgement>
  /** No mails of these kinds from now on; needs no sign-in before. */
  readonly unsubscribe: (call: Call, kinds: readonly Kind[]) => TaskEither<Refusal, Acknowledgement>
  /** Whether a ticket, of which this is the stream, is unread for the caller: from the log alone, for when no read model says so. */
  readonly isUnread: (
    caller: Principal,
    ticket: TicketId,
    stream: readonly RecordedEvent[],
  ) => TaskEither<Refusal, boolean>
  /** A ticket's stream for an audit: an auditor's reading is recorded before the answer is given. */
  readonly history: (call: Call, ticket: TicketId) => TaskEither<Refusal, readonly RecordedEvent[]>
}

export type Commands = TicketCommands & UserCommands

/** Who is known as support, from the log and from the identity provider. */
export interface Team {
  readonly isSupport: (person: PersonId) => boolean
}
