import type * as t from 'io-ts'
import { ImportProgressed } from '../import/events.ts'
import { MailBegun, MailSettled, MailsMarked } from '../mail/events.ts'
import { HistoryRead, NotificationsSeen, PreferencesSet, SignedIn, SignedOut, TicketSeen } from '../user/events.ts'
import { LogSealed } from './log-seal.ts'
import { Assigned, Closed, CommentAdded, FileAttached, Opened, Reopened, StatusChanged } from '../ticket/events.ts'

interface Declaration {
  /** The kind of stream that the type is written to. */
  readonly stream: 'ticket' | 'user' | 'import' | 'mail' | 'log'
  /** The current schema version. */
  readonly schema: number
  readonly codec: t.Mixed
}

/**
 * Every event type, declared once. A codec never changes its meaning: a changed shape gets the next schema version, which
 * the compiler then wants an upcaster for (`upcasting.ts`) and `test/domain/event-log/golden.test.ts` a golden file.
 */
export const eventTypes = {
  Opened: { stream: 'ticket', schema: 1, codec: Opened },
  CommentAdded: { stream: 'ticket', schema: 1, codec: CommentAdded },
  FileAttached: { stream: 'ticket', schema: 1, codec: FileAttached },
  StatusChanged: { stream: 'ticket', schema: 1, codec: StatusChanged },
  Assigned: { stream: 'ticket', schema: 1, codec: Assigned },
  Closed: { stream: 'ticket', schema: 1, codec: Closed },
  Reopened: { stream: 'ticket', schema: 1, codec: Reopened },
  SignedIn: { stream: 'user', schema: 1, codec: SignedIn },
  TicketSeen: { stream: 'user', schema: 1, codec: TicketSeen },
  NotificationsSeen: { stream: 'user', schema: 1, codec: NotificationsSeen },
  PreferencesSet: { stream: 'user', schema: 1, codec: PreferencesSet },
  HistoryRead: { stream: 'user', schema: 1, codec: HistoryRead },
  SignedOut: { stream: 'user', schema: 1, codec: SignedOut },
  ImportProgressed: { stream: 'import', schema: 1, codec: ImportProgressed },
  MailBegun: { stream: 'mail', schema: 1, codec: MailBegun },
  MailSettled: { stream: 'mail', schema: 1, codec: MailSettled },
  MailsMarked: { stream: 'mail', schema: 1, codec: MailsMarked },
  LogSealed: { stream: 'log', schema: 1, codec: LogSealed },
} as const satisfies Readonly<Record<string, Declaration>>

type EventTypes = typeof eventTypes
export type EventType = keyof EventTypes

/** Every event that the system writes. */
export type DomainEvent = t.TypeOf<EventTypes[EventType]['codec']>

/** The types that are written to one kind of stream. */
export type EventTypeOf<Stream extends Declaration['stream']> = {
  [T in EventType]: EventTypes[T]['stream'] extends Stream ? T : never
}[EventType]

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventTypes, type)
