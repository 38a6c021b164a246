import { namesOf, type Person } from '../../actor.ts'
import type { Upload } from '../../files/uploads.ts'
import type { FileAttached, StatusChanged, TicketEvent } from '../events.ts'
import type { Cause, Status } from '../status.ts'
import type { ExistingTicket } from '../ticket.ts'

/** The events that several commands have in common. */

export const nothing: readonly TicketEvent[] = []

const closed: TicketEvent = { type: 'Closed', data: {}, personal: {} }

export const fileAttached = (file: Upload): FileAttached => ({
  type: 'FileAttached',
  data: { file: file.id, mediaType: file.mediaType, size: file.size, sha256: file.sha256 },
  personal: { name: file.name },
})

/** A message: its text, and the files that came with it. */
export interface Message {
  readonly body: string
  readonly attachments: readonly Upload[]
}

export const message = ({ body, attachments }: Message): readonly TicketEvent[] => [
  { type: 'CommentAdded', data: {}, personal: { body } },
  ...attachments.map(fileAttached),
]

export const assigned = (assignee: Person): TicketEvent => ({
  type: 'Assigned',
  data: { assignee: { id: assignee.id } },
  personal: { assignee: namesOf(assignee) },
})

/** `assignee` where the change also assigns the ticket. */
export const statusChanged = (from: Status, to: Status, cause: Cause, assignee?: Person): StatusChanged =>
  assignee === undefined
    ? { type: 'StatusChanged', data: { from, to, cause }, personal: {} }
    : {
        type: 'StatusChanged',
        data: { from, to, cause, assignee: { id: assignee.id } },
        personal: { assignee: namesOf(assignee) },
      }

/** The change to the status that is named, none where the ticket has it; with a change by support an unassigned ticket is taken. */
export const changeStatus = (
  to: Exclude<Status, 'open'>,
  actor: Person,
  { status, assignee }: ExistingTicket,
): readonly TicketEvent[] => {
  if (status === to) return nothing
  if (to === 'closed') return [closed]
  const taker = assignee === null ? actor : undefined
  if (to === 'waiting_for_customer') return [statusChanged(status, to, 'asked', taker)]
  return [statusChanged(status, to, status === 'waiting_for_customer' ? 'resumed' : 'taken', taker)]
}
