import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { text } from '../../codec.ts'
import { invalid } from '../../refusal.ts'
import type { TicketEvent } from '../events.ts'
import type { Status } from '../status.ts'
import { textLimit } from '../text.ts'
import type { ExistingTicket } from '../ticket.ts'
import { message, moved, moveTo, nothing, type Message } from './changes.ts'
import { attachments, defineCommand, onActive, type Prepared } from './define-command.ts'

/** `body` is empty where only files are sent. */
export interface Comment extends Message {
  readonly type: 'comment'
  readonly actor: Actor
  /** By support: the status that the ticket has after the comment. */
  readonly thenStatus?: Exclude<Status, 'open'>
}

/** Where a comment alone moves the ticket: a customer's answer ends the waiting, support's first comment takes it up. */
const moveOfComment = (actor: Actor, { status, assignee }: ExistingTicket): readonly TicketEvent[] => {
  if (actor.role === 'customer' && status === 'waiting_for_customer') {
    return [moved(status, assignee === null ? 'open' : 'in_progress', 'customer_replied')]
  }
  if (actor.role === 'support' && status === 'open') {
    return [moved(status, 'in_progress', 'taken', assignee === null ? actor : undefined)]
  }
  return nothing
}

export const comment = defineCommand({
  type: 'comment',
  summary: 'Comment, with files if need be; support may set a status with it',
  action: 'comment on a ticket',
  body: t.partial({
    body: text(textLimit),
    attachments,
    thenStatus: t.keyof({ in_progress: null, waiting_for_customer: null, closed: null }),
  }),
  by: ['customer', 'support'],
  supportOnly: ['thenStatus'],
  refusals: ['TicketClosed', 'TooManyFiles', 'UnknownFile'],
  prepare: ({ body, thenStatus }, findings): Prepared<Comment> =>
    body === undefined && findings.attachments.length === 0
      ? E.left(invalid('body', 'is missing: a comment needs a text or a file'))
      : E.right({
          type: 'comment',
          actor: findings.actor,
          body: body ?? '',
          attachments: findings.attachments,
          ...(thenStatus === undefined ? {} : { thenStatus }),
        }),
  decide: onActive((command: Comment, ticket) =>
    E.right([
      ...message(command),
      ...(command.thenStatus === undefined
        ? moveOfComment(command.actor, ticket)
        : moveTo(command.thenStatus, command.actor, ticket)),
    ]),
  ),
})
