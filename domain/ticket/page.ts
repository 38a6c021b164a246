import type { PersonalNames } from '../actor.ts'
import { erased, type RecordedEvent } from '../event-log/envelope.ts'
import type { Status } from './status.ts'

/** A person as a ticket's own events name them; null where those parts were erased. */
export interface NamedPerson {
  readonly id: string
  readonly names: PersonalNames | null
}

export interface PageAttachment {
  readonly id: string
  readonly name: string | null
  readonly mediaType: string
  readonly size: number
  readonly uploadedAt: string
  readonly uploadedBy: NamedPerson
  /** The comment that it came with; null for the opening message. */
  readonly commentId: string | null
}

export interface PageComment {
  /** Its event's id. */
  readonly id: string
  readonly author: NamedPerson
  /** Empty where only files were sent; null once erased. */
  readonly body: string | null
  readonly createdAt: string
  readonly attachments: readonly PageAttachment[]
}

/** The ticket's page: everything that its own stream says. Times are `occurredAt`; texts are null once erased. */
export interface TicketPage {
  readonly id: string
  readonly account: string
  readonly subject: string | null
  readonly description: string | null
  readonly category: { readonly id: string; readonly name: string }
  readonly source: string | null
  readonly author: NamedPerson
  readonly assignee: NamedPerson | null
  readonly status: Status
  readonly createdAt: string
  readonly updatedAt: string
  /** Set while the ticket is closed. */
  readonly closedAt: string | null
  readonly version: number
  readonly attachments: readonly PageAttachment[]
  readonly comments: readonly PageComment[]
}

/** How far to read: `version` counts events, `asOf` (ISO 8601, UTC, milliseconds) goes by when they happened. */
export interface Until {
  readonly version?: number
  readonly asOf?: string
}

type Of<T extends RecordedEvent['type']> = Extract<RecordedEvent, { type: T }>
type Moving = Pick<TicketPage, 'status' | 'assignee' | 'closedAt'>

const partOf = <P>(personal: P | typeof erased): P | null => (personal === erased ? null : personal)

const actorOf = (event: RecordedEvent): NamedPerson => ({
  id: event.actor.id,
  names: event.personal === erased ? null : event.personal.actor,
})

const assigneeOf = (event: Of<'Assigned'> | Of<'StatusChanged'>, before: NamedPerson | null): NamedPerson | null =>
  event.data.assignee === undefined
    ? before
    : { id: event.data.assignee.id, names: event.personal === erased ? null : (event.personal.assignee ?? null) }

const moved = (now: Moving, event: RecordedEvent): Moving => {
  switch (event.type) {
    case 'StatusChanged':
      return { ...now, status: event.data.to, assignee: assigneeOf(event, now.assignee) }
    case 'Assigned':
      return { ...now, assignee: assigneeOf(event, now.assignee) }
    case 'Closed':
      return { ...now, status: 'closed', closedAt: event.occurredAt }
    case 'Reopened':
      return { ...now, status: 'open', closedAt: null }
    default:
      return now
  }
}

/** A file belongs to the comment of its own command, wherever among that command's events it stands. */
const attachmentsOf = (events: readonly RecordedEvent[]): PageAttachment[] => {
  const comments = new Map(events.flatMap((e) => (e.type === 'CommentAdded' ? [[e.commandId, e.id] as const] : [])))
  return events.flatMap((event) =>
    event.type === 'FileAttached'
      ? [
          {
            id: event.data.file,
            name: partOf(event.personal)?.name ?? null,
            mediaType: event.data.mediaType,
            size: event.data.size,
            uploadedAt: event.occurredAt,
            uploadedBy: actorOf(event),
            commentId: comments.get(event.commandId) ?? null,
          },
        ]
      : [],
  )
}

const commentsOf = (events: readonly RecordedEvent[], attachments: readonly PageAttachment[]): PageComment[] => {
  const byComment = Map.groupBy(attachments, ({ commentId }) => commentId)
  return events.flatMap((event) =>
    event.type === 'CommentAdded'
      ? [
          {
            id: event.id,
            author: actorOf(event),
            body: partOf(event.personal)?.body ?? null,
            createdAt: event.occurredAt,
            attachments: byComment.get(event.id) ?? [],
          },
        ]
      : [],
  )
}

/**
 * Folds a ticket's page from its stream, whole or as it stood then: linear in its events. Null where the ticket did
 * not exist yet, or has not reached that version.
 */
export const ticketPage = (id: string, stream: readonly RecordedEvent[], until: Until = {}): TicketPage | null => {
  const { version, asOf } = until
  if (version !== undefined && version > stream.length) return null
  const events = stream.filter(
    (event) => (version === undefined || event.version <= version) && (asOf === undefined || event.occurredAt <= asOf),
  )
  const [opened] = events
  const last = events.at(-1)
  if (opened?.type !== 'Opened' || last === undefined) return null
  let now: Moving = { status: 'open', assignee: null, closedAt: null }
  for (const event of events) now = moved(now, event)
  const texts = partOf(opened.personal)
  const attachments = attachmentsOf(events)
  return {
    id,
    account: opened.data.account,
    subject: texts?.subject ?? null,
    description: texts?.description ?? null,
    category: opened.data.category,
    source: opened.data.source ?? null,
    author: { id: opened.data.author.id, names: texts?.author ?? null },
    ...now,
    createdAt: opened.occurredAt,
    updatedAt: last.occurredAt,
    version: last.version,
    attachments,
    comments: commentsOf(events, attachments),
  }
}
