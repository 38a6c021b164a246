import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { decode, type FieldError } from '../../codec.ts'
import type { Refusal } from '../../refusal.ts'
import type { Ticket } from '../ticket.ts'
import { assign } from './assign.ts'
import { close } from './close.ts'
import { comment } from './comment.ts'
import { authorise, type Decision, type DecisionContext, type OwnRefusal } from './define-command.ts'
import { open } from './open.ts'
import { reopen } from './reopen.ts'
import { setStatus } from './set-status.ts'
import { take } from './take.ts'

/** Every command on a ticket. A new one is a module and a line here. */
export const ticketCommands = { open, comment, take, status: setStatus, assign, close, reopen } as const

type Definitions = typeof ticketCommands
export type CommandType = keyof Definitions

/** A command in its caller's words: its type, and its decoded body. */
export type Request<T extends CommandType = CommandType> = {
  readonly [K in T]: { readonly type: K } & t.TypeOf<Definitions[K]['body']>
}[T]

/** A command as it is decided. */
export type TicketCommand = { readonly [K in CommandType]: Parameters<Definitions[K]['decide']>[0] }[CommandType]

/** A command of any type. Its functions take what the definition of their own type takes. */
export interface AnyCommand {
  readonly type: CommandType
  readonly summary: string
  readonly action: string
  readonly body: t.Mixed
  readonly mayBeEmpty?: boolean
  readonly by: readonly Actor['role'][]
  readonly supportOnly?: readonly string[]
  readonly refusals: readonly OwnRefusal[]
  authorise?(body: object, actor: Actor): E.Either<Refusal, void>
  toCommand(body: object, context: DecisionContext): E.Either<Refusal, TicketCommand>
  decide(command: TicketCommand): (ticket: Ticket) => Decision
}

export const definitionOf = (type: CommandType): AnyCommand => ticketCommands[type]

export const isCommandType = (type: unknown): type is CommandType =>
  typeof type === 'string' && Object.hasOwn(ticketCommands, type)

/** The request with this body, which must be one that the codec of the command's own type decoded. */
export const requestOf = (type: CommandType, decoded: unknown): Request => ({ type, ...(decoded as object) }) as Request

/** Decodes a body in its caller's words: each wrong, missing or unknown field by its path. */
export const decodeRequest = (type: CommandType, body: unknown): E.Either<readonly FieldError[], Request> =>
  pipe(
    decode(definitionOf(type).body)(body),
    E.map((decoded) => requestOf(type, decoded)),
  )

/** Whether the actor may issue the request at all. */
export const authoriseRequest = (request: Request, actor: Actor): E.Either<Refusal, void> =>
  authorise(definitionOf(request.type), actor, { ...request })

/** From a caller's words to the command. Role and files were checked before. */
export const toCommand = (request: Request, context: DecisionContext): E.Either<Refusal, TicketCommand> =>
  definitionOf(request.type).toCommand(request, context)

/** Decides one command on one ticket. Pure: the same command on the same state always gives the same answer. */
export const decide = (command: TicketCommand): ((ticket: Ticket) => Decision) =>
  definitionOf(command.type).decide(command)
