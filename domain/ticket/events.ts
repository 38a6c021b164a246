import * as t from 'io-ts'
import { PersonalNames } from '../actor.ts'
import { Cause, Status } from './status.ts'

/**
 * The seven events of a ticket. `data` holds facts and ids and is never erased; `personal` holds texts, file names,
 * names and mails and may be (architecture, decision 9). Reading merges the two parts, so that
 * `data.author {id}` and `personal.author {name, email}` show as one author.
 */
const ref = t.strict({ id: t.string })

export const Opened = t.strict({
  type: t.literal('Opened'),
  data: t.intersection([
    t.strict({ account: t.string, category: t.strict({ id: t.string, name: t.string }), author: ref }),
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

/** One for each file; it belongs to the Opened or CommentAdded of the same command. */
export const FileAttached = t.strict({
  type: t.literal('FileAttached'),
  data: t.strict({ file: t.string, mediaType: t.string, size: t.number, sha256: t.string }),
  personal: t.strict({ name: t.string }),
})
export type FileAttached = t.TypeOf<typeof FileAttached>

/** `assignee` is there when the change also gives the ticket to somebody. */
export const StatusChanged = t.strict({
  type: t.literal('StatusChanged'),
  data: t.intersection([t.strict({ from: Status, to: Status, cause: Cause }), t.partial({ assignee: ref })]),
  personal: t.partial({ assignee: PersonalNames }),
})
export type StatusChanged = t.TypeOf<typeof StatusChanged>

/** Stands alone only where the status stays (rulings, 6). */
export const Assigned = t.strict({
  type: t.literal('Assigned'),
  data: t.strict({ assignee: ref }),
  personal: t.strict({ assignee: PersonalNames }),
})
export type Assigned = t.TypeOf<typeof Assigned>

export const Closed = t.strict({ type: t.literal('Closed'), data: t.strict({}), personal: t.strict({}) })
export type Closed = t.TypeOf<typeof Closed>

export const Reopened = t.strict({ type: t.literal('Reopened'), data: t.strict({}), personal: t.strict({}) })
export type Reopened = t.TypeOf<typeof Reopened>

export type TicketEvent = Opened | CommentAdded | FileAttached | StatusChanged | Assigned | Closed | Reopened
