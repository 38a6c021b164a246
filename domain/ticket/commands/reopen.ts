import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { message, type Message } from './changes.ts'
import { attachments, defineCommand, messageText, onExisting, type CommandOrRefusal } from './define-command.ts'

export interface Reopen extends Message {
  readonly type: 'reopen'
  readonly actor: Actor
}

/** Only with a message. The ticket is open again, and its assignee stays. */
export const reopen = defineCommand({
  type: 'reopen',
  summary: 'Reopen a closed ticket with a message',
  action: 'reopen a ticket',
  body: t.intersection([t.strict({ body: messageText }), t.partial({ attachments })]),
  by: ['customer', 'support'],
  refusals: ['TicketNotClosed', 'TooManyFiles', 'UnknownFile'],
  toCommand: ({ body }, context): CommandOrRefusal<Reopen> =>
    E.right({ type: 'reopen', actor: context.actor, body, attachments: context.attachments }),
  decide: onExisting((command: Reopen, { status }) =>
    status === 'closed'
      ? E.right([{ type: 'Reopened', data: {}, personal: {} }, ...message(command)])
      : E.left({ tag: 'TicketNotClosed' }),
  ),
})
