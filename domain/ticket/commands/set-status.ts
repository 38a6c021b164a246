import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { changeStatus } from './changes.ts'
import { defineCommand, onActive, type CommandOrRefusal } from './define-command.ts'

export interface SetStatus {
  readonly type: 'status'
  readonly actor: Actor
  readonly status: 'in_progress' | 'waiting_for_customer'
}

/** Without effect where the ticket has the status; whoever sets it takes an unassigned ticket. */
export const setStatus = defineCommand({
  type: 'status',
  summary: 'Set the status to in progress or waiting for customer',
  action: 'set the status of a ticket',
  body: t.strict({ status: t.keyof({ in_progress: null, waiting_for_customer: null }) }),
  by: ['support'],
  refusals: ['TicketClosed'],
  toCommand: ({ status }, { actor }): CommandOrRefusal<SetStatus> => E.right({ type: 'status', actor, status }),
  decide: onActive((command: SetStatus, ticket) => E.right(changeStatus(command.status, command.actor, ticket))),
})
