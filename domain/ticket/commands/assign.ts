import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor, Person } from '../../actor.ts'
import { assigned, nothing } from './changes.ts'
import { defineCommand, onActive, PersonBody, type CommandOrRefusal } from './define-command.ts'

export interface Assign {
  readonly type: 'assign'
  readonly actor: Actor
  readonly assignee: Person
}

/** A caller may assign to themselves or to somebody known as support; an import's assignees are taken as they were. */
export const assign = defineCommand({
  type: 'assign',
  summary: 'Give the ticket to somebody of the support team',
  action: 'assign a ticket',
  body: t.strict({ assignee: PersonBody }),
  by: ['support'],
  refusals: ['TicketClosed', 'NotSupport'],
  toCommand: ({ assignee }, { actor, isSupport, imported }): CommandOrRefusal<Assign> =>
    imported || actor.id === assignee.id || isSupport(assignee.id)
      ? E.right({ type: 'assign', actor, assignee })
      : E.left({ tag: 'NotSupport', person: assignee.id }),
  decide: onActive(({ assignee }: Assign, ticket) =>
    E.right(ticket.assignee === assignee.id ? nothing : [assigned(assignee)]),
  ),
})
