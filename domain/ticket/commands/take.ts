import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { assigned, statusChanged, nothing } from './changes.ts'
import { defineCommand, onActive, type CommandOrRefusal } from './define-command.ts'

export interface Take {
  readonly type: 'take'
  readonly actor: Actor
}

/** Taking a ticket that another agent has in progress hands it over: only a new status is more than `Assigned`. */
export const take = defineCommand({
  type: 'take',
  summary: 'Take the ticket up: in progress, and its assignee',
  action: 'take a ticket',
  body: t.partial({}),
  mayBeEmpty: true,
  by: ['support'],
  refusals: ['TicketClosed'],
  toCommand: (_body, { actor }): CommandOrRefusal<Take> => E.right({ type: 'take', actor }),
  decide: onActive(({ actor }: Take, { status, assignee }) => {
    if (status !== 'in_progress') return E.right([statusChanged(status, 'in_progress', 'taken', actor)])
    return E.right(assignee === actor.id ? nothing : [assigned(actor)])
  }),
})
