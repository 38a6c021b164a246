import * as t from 'io-ts'
import { PersonalNames } from '../actor.ts'
import { AccountId, PersonId } from '../ids.ts'
import { Cause, Status } from './status.ts'

/**
 * The events of a ticket. `data` holds facts and ids and is never erased; `personal` holds texts, file names, names and
 * mail addresses and may be erased (docs/adr/0008-event-parts-and-hashes.md). The API merges the two parts: `data.author
 * {id}` and `personal.author {name, email}` are one author.
 */
const ref = t.strict({ id: PersonId })

export const Opened = t.strict({
  type: t.literal('Opened'),
  data: t.intersection([
    t.strict({ account: AccountId, category: t.strict({ id: t.string, name: t.string }), author: ref }),
    t.partial({ source: t.string }),
  ]),
  personal: t.strict({ subject: t.string, description: t.string, author: PersonalNames }),
})
export type Opened = t.TypeOf<typeof Opened>

/** A comment's id is its event's id. */
export const CommentAdded = t.strict({
  type: t.literal('CommentAdded'),
  data: t.strict({}),
  personal: t.strict({ body: t.string }),
})
export type CommentAdded = t.TypeOf<typeof CommentAdded>

/** One for each file. It belongs to the Opened or CommentAdded of the same command. */
export const FileAttached = t.strict({
  type: t.literal('FileAttached'),
  data: t.strict({ file: t.string, mediaType: t.string, size: t.number, sha256: t.string }),
  personal: t.strict({ name: t.string }),
})
export type FileAttached = t.TypeOf<typeof FileAttached>

/** `assignee` is set where the change of status also assigns the ticket. */
export const StatusChanged = t.strict({
  type: t.literal('StatusChanged'),
  data: t.intersection([t.strict({ from: Status, to: Status, cause: Cause }), t.partial({ assignee: ref })]),
  personal: t.partial({ assignee: PersonalNames }),
})
export type StatusChanged = t.TypeOf<typeof StatusChanged>

/** A change of the assignee alone; a change of status carries its own. */
export const Assigned = t.strict({
  type: t.literal('Assigned'),
  data: t.strict({ assignee: ref }),
  personal: t.strict({ assignee: PersonalNames }),
})
export type Assigned = t.TypeOf<typeof Assigned>

const Closed = t.strict({ type: t.literal('Closed'), data: t.strict({}), personal: t.strict({}) })
const Reopened = t.strict({ type: t.literal('Reopened'), data: t.strict({}), personal: t.strict({}) })

/** Each type of event of a ticket, with its schema version (`domain/event-log/event-types.ts`). */
export const ticketEvents = {
  Opened: { schema: 1, codec: Opened },
  CommentAdded: { schema: 1, codec: CommentAdded },
  FileAttached: { schema: 1, codec: FileAttached },
  StatusChanged: { schema: 1, codec: StatusChanged },
  Assigned: { schema: 1, codec: Assigned },
  Closed: { schema: 1, codec: Closed },
  Reopened: { schema: 1, codec: Reopened },
} as const

export type TicketEvent = t.TypeOf<(typeof ticketEvents)[keyof typeof ticketEvents]['codec']>

/** Whether an event of any stream is one of a ticket's. */
export const isTicketEvent = <E extends { readonly type: string }>(
  event: E,
): event is Extract<E, { readonly type: TicketEvent['type'] }> => Object.hasOwn(ticketEvents, event.type)
