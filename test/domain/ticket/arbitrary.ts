import fc from 'fast-check'
import type { CommandType, TicketCommand } from '../../../domain/ticket/commands/registry.ts'
import { ticketEvents, type TicketEvent } from '../../../domain/ticket/events.ts'
import { arbitraryOf } from '../../support/arbitrary-codec.ts'
import { ann, bob, eve, sue, tom } from '../../support/people.ts'
import { assign, close, comment, commentThen, open, openFor, reopen, status, take } from './commands.ts'
import { log, shot } from './events.ts'

const customer = fc.constantFrom(bob, ann, eve)
const agent = fc.constantFrom(sue, tom)
const anyone = fc.oneof(customer, agent)
const files = fc.subarray([log, shot])
const body = fc.constantFrom('One', 'Two', '')

type CommandOf<T> = Extract<TicketCommand, { readonly type: T }>

/** Any command of each type, as it comes from the edge: texts trimmed, support commands by support. */
const commands: { readonly [T in CommandType]: fc.Arbitrary<CommandOf<T>> } = {
  open: fc.oneof(
    fc.tuple(anyone, files).map(([actor, attachments]) => open(actor, { attachments })),
    fc
      .tuple(agent, customer, files)
      .map(([actor, requester, attachments]) => openFor(actor, requester, { attachments })),
  ),
  comment: fc.oneof(
    fc.tuple(anyone, body, files).map(([actor, text, attached]) => comment(actor, text, ...attached)),
    fc
      .tuple(agent, body, fc.constantFrom('in_progress', 'waiting_for_customer', 'closed'), files)
      .map(([actor, text, named, attached]) => commentThen(actor, text, named, ...attached)),
  ),
  take: agent.map(take),
  status: fc
    .tuple(agent, fc.constantFrom('in_progress', 'waiting_for_customer'))
    .map(([actor, named]) => status(actor, named)),
  assign: fc.tuple(agent, agent).map(([actor, assignee]) => assign(actor, assignee)),
  close: anyone.map(close),
  reopen: fc.tuple(anyone, body, files).map(([actor, text, attached]) => reopen(actor, text, ...attached)),
}

/** Any command of any type. A new one does not compile until it is made above. */
export const anyCommand: fc.Arbitrary<TicketCommand> = fc.oneof(...Object.values(commands))

/** Any event of a ticket, fitting or not, with any text in it. */
export const anyTicketEvent: fc.Arbitrary<TicketEvent> = fc.oneof(
  ...Object.values(ticketEvents).map(({ codec }) => arbitraryOf(codec)),
)
