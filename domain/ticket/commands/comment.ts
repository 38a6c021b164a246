import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { invalid } from '../../refusal.ts'
import type { TicketEvent } from '../events.ts'
import type { Status } from '../status.ts'
import type { ExistingTicket } from '../ticket.ts'
import { message, statusChanged, changeStatus, nothing, type Message } from './changes.ts'
import { attachments, defineCommand, messageText, onActive, type CommandOrRefusal } from './define-command.ts'

/** `body` is empty where only files are sent. */
export interface Comment extends Message {
  readonly type: 'comment'
  readonly actor: Actor
  /** By support: the status that the ticket has after the comment. */
  readonly thenStatus?: Exclude<Status, 'open'>
}

/**
 * The change of status that a comment alone causes: a customer's answer ends the waiting, support's first comment takes
 * the ticket up.
 */
const statusChangeOfComment = (actor: Actor, { status, assignee }: ExistingTicket): readonly TicketEvent[] => {
  if (actor.role === 'customer' && status === 'waiting_for_customer') {
    return [statusChanged(status, assignee === null ? 'open' : 'in_progress', 'customer_replied')]
  }
  if (actor.role === 'support' && status === 'open') {
    return [statusChanged(status, 'in_progress', 'taken', assignee === null ? actor : undefined)]
  }
  return nothing
}

/** On a ticket that is not closed. Its status becomes the one that support names, or what the comment alone causes. */
export const comment = defineCommand({
  type: 'comment',
  summary: 'Comment, with files if need be; support may set a status with it',
  action: 'comment on a ticket',
  body: t.partial({
    body: messageText,
    attachments,
    thenStatus: t.keyof({ in_progress: null, waiting_for_customer: null, closed: null }),
  }),
  by: ['customer', 'support'],
  supportOnly: ['thenStatus'],
  refusals: ['TicketClosed', 'TooManyFiles', 'UnknownFile'],
  toCommand: ({ body, thenStatus }, context): CommandOrRefusal<Comment> =>
    body === undefined && context.attachments.length === 0
      ? E.left(invalid('body', 'is missing: a comment needs a text or a file'))
      : E.right({
          type: 'comment',
          actor: context.actor,
          body: body ?? '',
          attachments: context.attachments,
          ...(thenStatus === undefined ? {} : { thenStatus }),
        }),
  decide: onActive((command: Comment, ticket) =>
    E.right([
      ...message(command),
      ...(command.thenStatus === undefined
        ? statusChangeOfComment(command.actor, ticket)
        : changeStatus(command.thenStatus, command.actor, ticket)),
    ]),
  ),
})
