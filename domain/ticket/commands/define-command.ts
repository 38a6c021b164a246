import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { email, externalText, text } from '../../codec.ts'
import type { Upload } from '../../files/uploads.ts'
import { ExternalAccountId, ExternalPersonId, type PersonId } from '../../ids.ts'
import type { Refusal } from '../../refusal.ts'
import { textLimit } from '../../text.ts'
import type { ListedCategory } from '../category.ts'
import type { TicketEvent } from '../events.ts'
import type { ExistingTicket, Ticket } from '../ticket.ts'

/** What a command does to a ticket: the events to append, none where what it asks for already holds. */
export type Decision = E.Either<Refusal, readonly TicketEvent[]>

/** What a command is decided with beside its body and its ticket. */
export interface DecisionContext {
  readonly actor: Actor
  /** The uploads that the body names, in its order. */
  readonly attachments: readonly Upload[]
  readonly categories: readonly ListedCategory[]
  readonly isSupport: (person: PersonId) => boolean
  /** A recorded command of another system: its categories and assignees are taken as they were there. */
  readonly imported: boolean
}

/** A command made from its body, or why there is none. */
export type CommandOrRefusal<Command> = E.Either<Refusal, Command>

/** What a command may be refused beside what every command may. */
export type OwnRefusal = Extract<
  Refusal['tag'],
  'TicketClosed' | 'TicketNotClosed' | 'NotSupport' | 'TooManyFiles' | 'UnknownFile'
>

/** A person as a body names them. */
export const PersonBody = t.strict({ id: ExternalPersonId, name: externalText, email })

/** Whom a service acts for: a customer with an account, or support without one. */
export const OnBehalfOf = t.intersection([
  t.strict({ id: ExternalPersonId, name: externalText, email, role: t.keyof({ customer: null, support: null }) }),
  t.partial({ account: ExternalAccountId }),
])
export type OnBehalfOf = t.TypeOf<typeof OnBehalfOf>

/** The text of a message. */
export const messageText = text(textLimit)

/** Names the uploads that a message carries. */
export const attachments = t.array(externalText)

interface Specification<Type extends string, Body extends t.Mixed, Command extends { readonly type: Type }> {
  /** Its name in the API, in imports and in the registry. */
  readonly type: Type
  /** One line for the API's documentation. */
  readonly summary: string
  /** Completes "only support may …". */
  readonly action: string
  readonly body: Body
  /** Every field is optional, and a request without a body is one with none of them. */
  readonly mayBeEmpty?: boolean
  /** The roles of those who may issue it. */
  readonly by: readonly Actor['role'][]
  /** Fields that only support may send. */
  readonly supportOnly?: readonly string[]
  readonly refusals: readonly OwnRefusal[]
  /** What else is checked before a repeated command is recognised. */
  authorise?(body: t.TypeOf<Body>, actor: Actor): E.Either<Refusal, void>
  /** From the body to the command, its texts trimmed and its ids resolved. */
  toCommand(body: t.TypeOf<Body>, context: DecisionContext): CommandOrRefusal<Command>
  decide(command: Command): (ticket: Ticket) => Decision
}

const withOnBehalfOf = <Body extends t.Mixed>(body: Body) =>
  t.intersection([body, t.partial({ onBehalfOf: OnBehalfOf })])

/**
 * A command as one module says it: its name, its body, who may issue it, and its decision. Routes, OpenAPI, the import
 * decoder, the check of roles and the tests' cells derive from it (docs/adr/0013-commands-as-modules.md).
 */
export const defineCommand = <Type extends string, Body extends t.Mixed, Command extends { readonly type: Type }>(
  specification: Specification<Type, Body, Command>,
) => ({ ...specification, body: withOnBehalfOf(specification.body) })

const forbidden = (reason: string): E.Either<Refusal, never> => E.left({ tag: 'Forbidden', reason })

/** Whether somebody of this role may issue the command with this body. */
export const authorise = (
  {
    action,
    by,
    supportOnly = [],
    ...definition
  }: Pick<Specification<string, t.Mixed, { readonly type: string }>, 'action' | 'by' | 'supportOnly' | 'authorise'>,
  actor: Actor,
  body: Readonly<Record<string, unknown>>,
): E.Either<Refusal, void> => {
  if (!by.includes(actor.role)) return forbidden(`only ${by.join(' and ')} may ${action}`)
  const field = actor.role === 'support' ? undefined : supportOnly.find((name) => body[name] !== undefined)
  if (field !== undefined) return forbidden(`only support may send ${field}`)
  return definition.authorise?.(body, actor) ?? E.right(undefined)
}

const notFound: Refusal = { tag: 'NotFound' }

/** A decision on a ticket that must exist. */
export const onExisting =
  <Command>(decide: (command: Command, ticket: ExistingTicket) => Decision) =>
  (command: Command) =>
  (ticket: Ticket): Decision =>
    ticket.status === 'none' ? E.left(notFound) : decide(command, ticket)

const ticketClosed: Refusal = { tag: 'TicketClosed' }

/** A decision on a ticket that must exist and not be closed. */
export const onActive = <Command>(decide: (command: Command, ticket: ExistingTicket) => Decision) =>
  onExisting<Command>((command, ticket) =>
    ticket.status === 'closed' ? E.left(ticketClosed) : decide(command, ticket),
  )
