import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Person } from '../../domain/actor.ts'
import { eventTypes } from '../../domain/event-log/event-types.ts'
import type { PersonId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Decision } from '../../domain/ticket/commands/define-command.ts'
import { decide, type TicketCommand } from '../../domain/ticket/commands/registry.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import { evolve, initial, type Ticket } from '../../domain/ticket/ticket.ts'
import type { Status } from '../../domain/ticket/status.ts'

/**
 * Specifications of a decider, given/when/then:
 *
 *     spec('a customer answers a waiting ticket')
 *       .given(opened(), taken(sue), asked(sue))
 *       .when(comment(bob, 'It is back'))
 *       .then(commentAdded('It is back'), customerReplied('in_progress'))
 *       .leaving('in_progress', sue)
 *
 * Each example also checks that the decision is the same when repeated, that its arguments are not changed, that each event
 * fits its codec, and that a command that names a target state decides nothing on the state that it led to.
 */
export interface Given {
  readonly given: (...events: readonly TicketEvent[]) => { readonly when: (command: TicketCommand) => Outcome }
}
interface Outcome {
  readonly then: (...events: readonly TicketEvent[]) => Leaving
  readonly thenNothing: () => Leaving
  readonly thenRefused: (tag: Refusal['tag']) => void
}
interface Leaving {
  /** The ticket's state afterwards; without `assignee` it is unassigned. */
  readonly leaving: (status: Status, assignee?: Person) => void
}

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

export const fold = (events: readonly TicketEvent[], from: Ticket = initial): Ticket =>
  events.reduce((ticket, event) => frozen(evolve(ticket, event)), frozen(from))

/** Commands that name a target state, so that repeating one decides nothing; a comment and a reopening always decide. */
const namesTarget = (command: TicketCommand): boolean => !['comment', 'reopen'].includes(command.type)

/** Decides twice on frozen values and asserts that both decisions are equal. */
const decideTwice = (command: TicketCommand, ticket: Ticket): Decision => {
  const decision = decide(frozen(command))(ticket)
  assert.equal(decide(command)(ticket), decision, 'decides the same twice')
  return decision
}

/** Asserts what holds for every decision on any state. Returns the decision and the state that it leads to. */
export const lawful = (
  command: TicketCommand,
  ticket: Ticket,
): { readonly decision: Decision; readonly after: Ticket } => {
  const decision = decideTwice(command, ticket)
  if (decision._tag === 'Left') return { decision, after: ticket }
  for (const event of decision.right) {
    assert.ok(eventTypes[event.type].codec.is(event), `${event.type} fits its codec: ${JSON.stringify(event)}`)
  }
  const after = fold(decision.right, ticket)
  if (namesTarget(command))
    assert.equal(decideTwice(command, after), { _tag: 'Right', right: [] }, 'a repeated command decides nothing')
  return { decision, after }
}

/** `decided` is called for each example with the command and the state before it. */
export const specifications =
  (test: Test, decided: (command: TicketCommand, ticket: Ticket) => void) =>
  (name: string): Given => ({
    given: (...events) => ({
      when: (command) => {
        const expect = (expected: readonly TicketEvent[]): Leaving => {
          let leaving: { readonly status: Status; readonly assignee: PersonId | null } | undefined
          test(name, () => {
            const before = fold(events)
            const { decision, after } = lawful(command, before)
            decided(command, before)
            assert.equal(decision, { _tag: 'Right', right: expected })
            assert.ok(leaving !== undefined, 'the example names the state that it leaves')
            assert.ok(after.status !== 'none', 'the ticket exists afterwards')
            const { account, status, assignee } = after
            assert.equal({ account, status, assignee }, { account: 'acme', ...leaving })
          })
          return { leaving: (status, assignee) => (leaving = { status, assignee: assignee?.id ?? null }) }
        }
        return {
          // oxlint-disable-next-line unicorn/no-thenable -- given/when/then; an example is never awaited
          then: (...expected) => expect(expected),
          thenNothing: () => expect([]),
          thenRefused: (tag) =>
            test(name, () => {
              const before = fold(events)
              const { decision } = lawful(command, before)
              decided(command, before)
              assert.equal(decision._tag === 'Left' ? decision.left.tag : decision.right, tag)
            }),
        }
      },
    }),
  })
