import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { changeStatus } from './changes.ts'
import { defineCommand, onExisting, type CommandOrRefusal } from './define-command.ts'

export interface Close {
  readonly type: 'close'
  readonly actor: Actor
}

/** From every status, and without effect on a closed ticket. The assignee stays. */
export const close = defineCommand({
  type: 'close',
  summary: 'Close the ticket, from whatever status',
  action: 'close a ticket',
  body: t.partial({}),
  mayBeEmpty: true,
  by: ['customer', 'support'],
  refusals: [],
  toCommand: (_body, { actor }): CommandOrRefusal<Close> => E.right({ type: 'close', actor }),
  decide: onExisting(({ actor }: Close, ticket) => E.right(changeStatus('closed', actor, ticket))),
})
