import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Actor, Analyst, Auditor, Via } from './actor.ts'
import type { Position, Recorded } from './event-log/envelope.ts'
import type { StoreFailure } from './event-log/event-store.ts'
import type { Kind, MailChoice } from './notification/kinds.ts'
import type { Refusal } from './refusal.ts'
import type { Request, TicketRequest } from './ticket/bodies.ts'
import type { Status } from './ticket/status.ts'

/** Everyone who may be signed in: those who act, those who only read, and services. */
export type Principal = Actor | Via | Auditor | Analyst

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

/** The way a command takes through the house, as the edges see it. Implemented by `app/pipeline`. */
export interface Desk {
  readonly open: (call: Call, request: Extract<Request, { type: 'open' }>) => TaskEither<Refusal, Receipt>
  readonly act: (call: Call, ticket: string, request: TicketRequest) => TaskEither<Refusal, Receipt>
  /** The ticket's whole stream, or NotFound where the caller may not know of it. */
  readonly stream: (caller: Principal, ticket: string) => TaskEither<Refusal, readonly Recorded[]>
  /** The same for those who audit: an auditor's reading is on record before the answer is given. */
  readonly history: (call: Call, ticket: string) => TaskEither<Refusal, readonly Recorded[]>
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
  ) => TaskEither<Refusal, { readonly id: string; readonly events: readonly Recorded[] }>
}

/** Who is known as support, from the log and from the identity provider. */
export interface Team {
  readonly isSupport: (person: string) => boolean
}

/** Effects that come in as values, so that every test runs on its own clock and seed. Times in ms since 1970. */
export interface Clock {
  readonly now: () => number
}

/** What a store's failure means to a caller. */
export const refusalOf = (failure: StoreFailure): Refusal => {
  switch (failure.tag) {
    case 'StoreUnavailable':
      return { tag: 'NotReady', reason: failure.reason }
    case 'StoreClosed':
      return { tag: 'NotReady', reason: 'the server is shutting down' }
    case 'StorageFull':
      return { tag: 'StorageFull' }
    case 'OutcomeUnknown':
      return { tag: 'OutcomeUnknown' }
    case 'DamagedStream':
      return { tag: 'DamagedStream', stream: failure.stream }
  }
}
