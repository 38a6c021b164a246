import type { PersonalNames } from '../actor.ts'
import { erased, type RecordedEvent } from '../event-log/envelope.ts'
import type { AccountId, CommandId, EventId, PersonId, TicketId } from '../ids.ts'
import { isTicketEvent, type TicketEvent } from './events.ts'
import type { Status } from './status.ts'
import { evolve, initial, type Ticket } from './ticket.ts'

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
export interface TicketPage {
  readonly id: TicketId
  readonly account: AccountId
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

/** How far to read: `version` counts events, `asOf` (ISO 8601, UTC, milliseconds) compares with `occurredAt`. */
export interface Until {
  readonly version?: number
  readonly asOf?: string
}

type RecordedTicketEvent = Extract<RecordedEvent, { readonly type: TicketEvent['type'] }>

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

const add = (draft: Draft, event: RecordedTicketEvent): void => {
  draft.ticket = evolve(draft.ticket, event)
  switch (event.type) {
    case 'Opened':
      return
    case 'CommentAdded':
      draft.commentOfCommand.set(event.commandId, event.id)
      draft.comments.push({
        id: event.id,
        author: actorOf(event),
        body: event.personal === erased ? null : event.personal.body,
        createdAt: event.occurredAt,
      })
      return
    case 'FileAttached':
      draft.files.push({
        id: event.data.file,
        name: event.personal === erased ? null : event.personal.name,
        mediaType: event.data.mediaType,
        size: event.data.size,
        uploadedAt: event.occurredAt,
        uploadedBy: actorOf(event),
        commandId: event.commandId,
      })
      return
    case 'StatusChanged':
    case 'Assigned':
      if (event.data.assignee === undefined) return
      draft.assigneeNames = event.personal === erased ? null : (event.personal.assignee ?? null)
      return
    case 'Closed':
      draft.closedAt = event.occurredAt
      return
    case 'Reopened':
      draft.closedAt = null
  }
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
    account: ticket.account,
    subject: texts?.subject ?? null,
    description: texts?.description ?? null,
    category: opened.data.category,
    source: opened.data.source ?? null,
    author: { id: opened.data.author.id, names: texts?.author ?? null },
    status: ticket.status,
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
  for (const event of events) if (isTicketEvent(event)) add(draft, event)
  return pageOf(id, draft, last)
}
