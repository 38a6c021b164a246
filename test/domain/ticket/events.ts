import { namesOf, type Customer, type Person, type Support } from '../../../domain/actor.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import type { Assigned, CommentAdded, FileAttached, Opened, StatusChanged } from '../../../domain/ticket/events.ts'
import type { TicketEvent } from '../../../domain/ticket/events.ts'
import type { Cause, Status } from '../../../domain/ticket/status.ts'
import { bob } from '../../support/people.ts'

/** The seven events in the words of the examples. */
export const category = { id: 'technical', name: 'Technical' }
export const log: Upload = { id: 'f1', name: 'app.log.txt', mediaType: 'text/plain', size: 3, sha256: 'a1' }
export const shot: Upload = { id: 'f2', name: 'shot.png', mediaType: 'image/png', size: 9, sha256: 'b2' }

export const opened = (author: Customer = bob): Opened => ({
  type: 'Opened',
  data: { account: author.account, category, author: { id: author.id } },
  personal: { subject: 'No sound', description: 'The stream is silent.', author: namesOf(author) },
})

export const commentAdded = (body: string): CommentAdded => ({ type: 'CommentAdded', data: {}, personal: { body } })

export const fileAttached = ({ id, name, ...facts }: Upload): FileAttached => ({
  type: 'FileAttached',
  data: { file: id, ...facts },
  personal: { name },
})

/** `assignee` where the change also gives the ticket to somebody. */
export const statusChanged = (from: Status, to: Status, cause: Cause, assignee?: Person): StatusChanged => ({
  type: 'StatusChanged',
  data: { from, to, cause, ...(assignee === undefined ? {} : { assignee: { id: assignee.id } }) },
  personal: assignee === undefined ? {} : { assignee: namesOf(assignee) },
})

export const assigned = (assignee: Person): Assigned => ({
  type: 'Assigned',
  data: { assignee: { id: assignee.id } },
  personal: { assignee: namesOf(assignee) },
})

export const closed: TicketEvent = { type: 'Closed', data: {}, personal: {} }
export const reopened: TicketEvent = { type: 'Reopened', data: {}, personal: {} }

/**
 * A history that ends in this state. In progress and waiting always have an assignee when commands led there; the table
 * answers for a log from elsewhere too.
 */
export const standing = (status: Status, assignee?: Support): readonly TicketEvent[] => {
  const held = assignee === undefined ? [opened()] : [opened(), assigned(assignee)]
  switch (status) {
    case 'open':
      return held
    case 'in_progress':
      return [...held, statusChanged('open', 'in_progress', 'taken')]
    case 'waiting_for_customer':
      return [...held, statusChanged('open', 'waiting_for_customer', 'asked')]
    case 'closed':
      return [...held, closed]
  }
}
