import type { PersonalNames } from '../actor.ts'
import { erased, type RecordedEvent } from '../event-log/envelope.ts'
import type { CommandId, EventId, PersonId, TicketId } from '../ids.ts'
import { isTicketEvent, type TicketEvent } from './events.ts'
import { evolve, initial, type ExistingTicket, type Ticket } from './ticket.ts'

/** A person as a ticket's own events name them; null where those parts were erased. */
export interface NamedPerson {
  readonly id: PersonId
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
  readonly commentId: EventId | null
}

export interface PageComment {
  /** Its event's id. */
  readonly id: EventId
  readonly author: NamedPerson
  /** Empty where only files were sent; null once erased. */
  readonly body: string | null
  readonly createdAt: string
  readonly attachments: readonly PageAttachment[]
}

/** A ticket's page: all that its own stream says. Times are `occurredAt`; texts are null once erased. */
export interface TicketPage extends Omit<ExistingTicket, 'assignee'> {
  readonly id: TicketId
  readonly subject: string | null
  readonly description: string | null
  readonly category: { readonly id: string; readonly name: string }
  readonly source: string | null
  readonly author: NamedPerson
  readonly assignee: NamedPerson | null
  readonly createdAt: string
  readonly updatedAt: string
  /** Set while the ticket is closed. */
  readonly closedAt: string | null
  readonly version: number
  readonly attachments: readonly PageAttachment[]
  readonly comments: readonly PageComment[]
}

/** How far to read: `version` counts events, `asOf` (ISO 8601, UTC, milliseconds) compares with `occurredAt`. */
export interface Until {
  readonly version?: number
  readonly asOf?: string
}

/** A page while it is folded: the ticket itself is folded by `evolve`, and this adds what only a page shows. */
interface Draft {
  ticket: Ticket
  readonly opened: Extract<RecordedEvent, { readonly type: 'Opened' }>
  assigneeNames: PersonalNames | null
  closedAt: string | null
  /** By command: the comment that the files of the same command belong to, whichever of its events comes first. */
  readonly commentOfCommand: Map<CommandId, EventId>
  readonly comments: Omit<PageComment, 'attachments'>[]
  readonly files: (Omit<PageAttachment, 'commentId'> & { readonly commandId: CommandId })[]
}

const actorOf = (event: RecordedEvent): NamedPerson => ({
  id: event.actor.id,
  names: event.personal === erased ? null : event.personal.actor,
})

type EventOf<T> = Extract<RecordedEvent, { readonly type: T }>

const nameAssignee = (draft: Draft, { data, personal }: EventOf<'StatusChanged' | 'Assigned'>): void => {
  if (data.assignee === undefined) return
  draft.assigneeNames = personal === erased ? null : (personal.assignee ?? null)
}

/** What each event adds to what `evolve` makes of it. */
export const pageEffects: { readonly [T in TicketEvent['type']]?: (draft: Draft, event: EventOf<T>) => void } = {
  CommentAdded: (draft, event) => {
    draft.commentOfCommand.set(event.commandId, event.id)
    draft.comments.push({
      id: event.id,
      author: actorOf(event),
      body: event.personal === erased ? null : event.personal.body,
      createdAt: event.occurredAt,
    })
  },
  FileAttached: (draft, event) => {
    draft.files.push({
      id: event.data.file,
      name: event.personal === erased ? null : event.personal.name,
      mediaType: event.data.mediaType,
      size: event.data.size,
      uploadedAt: event.occurredAt,
      uploadedBy: actorOf(event),
      commandId: event.commandId,
    })
  },
  StatusChanged: nameAssignee,
  Assigned: nameAssignee,
  Closed: (draft, event) => {
    draft.closedAt = event.occurredAt
  },
  Reopened: (draft) => {
    draft.closedAt = null
  },
}

const add = <T extends TicketEvent['type']>(draft: Draft, type: T, event: EventOf<T>): void => {
  draft.ticket = evolve(draft.ticket, event)
  pageEffects[type]?.(draft, event)
}

const pageOf = (id: TicketId, draft: Draft, last: RecordedEvent): TicketPage | null => {
  const { ticket, opened, assigneeNames, closedAt, commentOfCommand } = draft
  if (ticket.status === 'none') return null
  const texts = opened.personal === erased ? null : opened.personal
  const attachments = draft.files.map(({ commandId, ...file }) => ({
    ...file,
    commentId: commentOfCommand.get(commandId) ?? null,
  }))
  const filesOfComment = Map.groupBy(attachments, ({ commentId }) => commentId)
  return {
    id,
    subject: texts?.subject ?? null,
    description: texts?.description ?? null,
    category: opened.data.category,
    source: opened.data.source ?? null,
    author: { id: opened.data.author.id, names: texts?.author ?? null },
    ...ticket,
    assignee: ticket.assignee === null ? null : { id: ticket.assignee, names: assigneeNames },
    closedAt,
    createdAt: opened.occurredAt,
    updatedAt: last.occurredAt,
    version: last.version,
    attachments,
    comments: draft.comments.map((comment) => ({ ...comment, attachments: filesOfComment.get(comment.id) ?? [] })),
  }
}

/**
 * Folds a ticket's page from its stream, whole or as it stood then: linear in its events. Null where the ticket did not
 * exist yet, or has not reached that version.
 */
export const ticketPage = (id: TicketId, stream: readonly RecordedEvent[], until: Until = {}): TicketPage | null => {
  const { version, asOf } = until
  if (version !== undefined && version > stream.length) return null
  const events = stream.filter(
    (event) => (version === undefined || event.version <= version) && (asOf === undefined || event.occurredAt <= asOf),
  )
  const [opened] = events
  const last = events.at(-1)
  if (opened?.type !== 'Opened' || last === undefined) return null
  const draft: Draft = {
    ticket: initial,
    opened,
    assigneeNames: null,
    closedAt: null,
    commentOfCommand: new Map(),
    comments: [],
    files: [],
  }
  for (const event of events) if (isTicketEvent(event)) add(draft, event.type, event)
  return pageOf(id, draft, last)
}
