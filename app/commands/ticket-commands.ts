import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { accountOf, sees, type Principal } from '../../domain/actor.ts'
import { chain, chainTask } from '../../domain/chain.ts'
import type { Call, ImportCommands, Receipt, TicketCommands } from '../../domain/commands.ts'
import type { Decider } from '../../domain/event-log/decider.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { mostFiles } from '../../domain/files/kinds.ts'
import type { Claim, Upload } from '../../domain/files/uploads.ts'
import {
  commandIdOf,
  fingerprintOf,
  ticketIdCandidate,
  ticketStream,
  type CommandId,
  type TicketId,
} from '../../domain/ids.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import { authoriseRequest, decide, toCommand, type Request } from '../../domain/ticket/commands/registry.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import { evolve, initial, type Ticket } from '../../domain/ticket/ticket.ts'
import { acting, uploaderOf, type Acting } from './acting.ts'
import type { Outcome, Transact } from './command-handler.ts'
import { loadFirst, loadStream } from './load-stream.ts'
import type { CommandPorts } from './ports.ts'

/** What reading marks need of a ticket. */
export interface TicketHeads {
  /** The version of the ticket's last event; NotFound for whoever may not know of it. */
  readonly lastVersion: (caller: Principal, ticket: TicketId) => TE.TaskEither<Refusal, number>
}

/** Every ticket is decided on its whole stream. */
interface TicketDecider<R = Refusal> extends Decider<Ticket, TicketEvent, R> {
  readonly decide: (ticket: Ticket) => E.Either<R, readonly TicketEvent[]>
}
type Authorised<D extends TicketDecider> = D & Required<Pick<D, 'authorise'>>

const notFound: Refusal = { tag: 'NotFound' }

/** A new ticket's id is another ticket's already: try the next candidate. */
interface IdTaken {
  readonly tag: 'IdTaken'
}
const idTaken: IdTaken = { tag: 'IdTaken' }

/** The owner of a command's key: the source of an import, otherwise the authenticated caller. */
const keyOwnerOf = ({ imported, caller }: Call): string =>
  imported === undefined ? `caller:${caller.id}` : `import:${imported.source}`

/** The key of a command that opens a ticket belongs to its caller alone; every other key to a ticket too. */
const noTicket = null

/** The ids of the uploads that a request names, each once. */
const namedFiles = (request: Request): E.Either<Refusal, readonly string[]> => {
  const ids = 'attachments' in request ? (request.attachments ?? []) : []
  if (ids.length > mostFiles) return E.left({ tag: 'TooManyFiles', count: ids.length })
  return new Set(ids).size === ids.length ? E.right(ids) : E.left(invalid('attachments', 'must name each file once'))
}

const mayKnow = (caller: Principal, ticket: Ticket): boolean => ticket.status !== 'none' && sees(caller, ticket.account)

/** To somebody who may not know of the ticket it is not there. */
const onExistingTicket =
  (call: Call, { actor }: Acting) =>
  (decider: Authorised<TicketDecider>): TicketDecider => ({
    ...decider,
    authorise: (ticket) =>
      mayKnow(call.caller, ticket) && mayKnow(actor, ticket) ? decider.authorise(ticket) : E.left(notFound),
  })

const onNewTicket = (decider: TicketDecider): TicketDecider<Refusal | IdTaken> => ({
  ...decider,
  decide: (ticket) => (ticket.status === 'none' ? decider.decide(ticket) : E.left(idTaken)),
})

const stateOf = (events: readonly RecordedEvent[]): Ticket => events.reduce<Ticket>(evolve, initial)

/** Commands on tickets. No read model is read to decide; an answer waits until this server's own hold what was added. */
export const createTicketCommands = (
  ports: CommandPorts,
  transact: Transact,
): TicketCommands & TicketHeads & ImportCommands => {
  const { sha256, uploads, categories, team } = ports
  const load = loadStream(ports.store, sha256)
  const first = loadFirst(ports.store, sha256)

  /**
   * Refuses whoever may not know of the ticket by its first event, before anything else is loaded: another account's
   * ticket costs what an absent one does, however long it is. Those who see all accounts know what there is.
   */
  const requireKnown = (id: TicketId, ...people: readonly Principal[]): TE.TaskEither<Refusal, unknown> => {
    const bound = people.filter((each) => accountOf(each) !== null)
    return bound.length === 0
      ? TE.right(undefined)
      : pipe(
          first(ticketStream(id)),
          TE.filterOrElse(
            ({ events }) => bound.every((each) => mayKnow(each, stateOf(events))),
            (): Refusal => notFound,
          ),
        )
  }

  /** The uploads, or what is wrong with them, are part of what is decided on: other refusals come before theirs. */
  const deciderOf = (
    { imported }: Call,
    { actor }: Acting,
    request: Request,
    attachments: E.Either<Refusal, readonly Upload[]>,
  ): Authorised<TicketDecider> => ({
    initial,
    evolve,
    authorise: () => authoriseRequest(request, actor),
    decide: (ticket) =>
      pipe(
        attachments,
        chain((found) =>
          toCommand(request, {
            actor,
            attachments: found,
            categories,
            isSupport: team.isSupport,
            imported: imported !== undefined,
          }),
        ),
        chain((command) => decide(command)(ticket)),
      ),
  })

  /** The uploads that a request names, or what is wrong with them. */
  const findUploads = (
    who: Acting,
    named: ReturnType<typeof namedFiles>,
    claim: Claim | null,
  ): TE.TaskEither<Refusal, readonly Upload[]> =>
    pipe(
      named,
      E.match(TE.left, (files) =>
        files.length === 0 ? TE.right<Refusal, readonly Upload[]>([]) : uploads.find(uploaderOf(who), files, claim),
      ),
    )

  const receiptOf =
    (id: TicketId) =>
    ({ stateBefore, appended, version, position }: Outcome<Ticket, TicketEvent>): E.Either<Refusal, Receipt> => {
      const { status } = appended.reduce<Ticket>(evolve, stateBefore)
      return status === 'none' ? E.left(notFound) : E.right({ id, version, status, position })
    }

  /**
   * Uploads are claimed by the command before its events are appended, kept once those stand, and released where it ends
   * refused; where the outcome is unknown, the log settles it later (docs/adr/0022-uploads-are-claimed.md).
   */
  const carryOut = <R extends { readonly tag: string }>(
    call: Call,
    who: Acting,
    request: Request,
    id: TicketId,
    commandId: CommandId,
    on: (decider: Authorised<TicketDecider>) => TicketDecider<R>,
  ): TE.TaskEither<R | Refusal, Receipt> => {
    const named = namedFiles(request)
    const files = E.getOrElse((): readonly string[] => [])(named)
    const claim = { commandId, ticket: id }
    return pipe(
      TE.fromTask(findUploads(who, named, claim)),
      chainTask((attachments) =>
        transact(ticketStream(id), on(deciderOf(call, who, request, attachments)), {
          ...who,
          commandId,
          correlationId: call.correlationId,
          fingerprint: fingerprintOf(sha256, request),
          ...(call.ifVersion === undefined ? {} : { ifVersion: call.ifVersion }),
          ...(call.imported === undefined ? {} : { imported: call.imported.source, at: call.imported.at }),
          ...(files.length === 0 ? {} : { beforeAppend: uploads.claim(files, claim) }),
        }),
      ),
      TE.matchE(
        (failure) => async () => {
          if (failure.tag !== 'OutcomeUnknown' && files.length > 0) await uploads.release(files, commandId)
          return E.left(failure)
        },
        (outcome) => async () => {
          if (outcome.appended.length > 0) {
            if (files.length > 0) await uploads.keep(files)
            await ports.caughtUp(outcome.position)
          }
          return receiptOf(id)(outcome)
        },
      ),
    )
  }

  const act: TicketCommands['act'] = (call, id, request) =>
    pipe(
      acting(call.caller, request.onBehalfOf),
      E.match(TE.left, (who) => {
        const commandId = commandIdOf(sha256, keyOwnerOf(call), id, call.idempotencyKey ?? ports.newId())
        return pipe(
          requireKnown(id, call.caller, who.actor),
          chainTask(() => carryOut(call, who, request, id, commandId, onExistingTicket(call, who))),
        )
      }),
    )

  const open: TicketCommands['open'] = (call, request) => {
    const key = call.idempotencyKey ?? ports.newId()
    const commandId = commandIdOf(sha256, keyOwnerOf(call), noTicket, key)
    const openAs = (who: Acting, n: number): TE.TaskEither<Refusal, Receipt> =>
      pipe(
        carryOut(call, who, request, ticketIdCandidate(sha256, keyOwnerOf(call), key, n), commandId, onNewTicket),
        TE.orElse((failure) => (failure.tag === 'IdTaken' ? openAs(who, n + 1) : TE.left(failure))),
      )
    return pipe(
      acting(call.caller, request.onBehalfOf),
      E.match(TE.left, (who) => openAs(who, 0)),
    )
  }

  /** Ids of 40 bits collide: the first candidate whose stream is empty or was opened for this very key. */
  const find: ImportCommands['find'] = (source, ticketKey) => {
    const owner = `import:${source}`
    const commandId = commandIdOf(sha256, owner, noTicket, ticketKey)
    const findFrom = (n: number): ReturnType<ImportCommands['find']> => {
      const id = ticketIdCandidate(sha256, owner, ticketKey, n)
      return pipe(
        load(ticketStream(id)),
        chainTask(({ events }) =>
          events[0] === undefined || events[0].commandId === commandId ? TE.right({ id, events }) : findFrom(n + 1),
        ),
      )
    }
    return findFrom(0)
  }

  const stream: TicketCommands['stream'] = (caller, id) =>
    pipe(
      requireKnown(id, caller),
      chainTask(() => load(ticketStream(id))),
      TE.filterOrElse(
        ({ events }) => mayKnow(caller, stateOf(events)),
        (): Refusal => notFound,
      ),
      TE.map(({ events }) => events),
    )

  const lastVersion: TicketHeads['lastVersion'] = (caller, id) =>
    pipe(
      requireKnown(id, caller),
      chainTask(() => load(ticketStream(id), 1)),
      TE.filterOrElse(
        ({ head }) => head.version > 0,
        (): Refusal => notFound,
      ),
      TE.map(({ head }) => head.version),
    )

  const preview: ImportCommands['preview'] = (call, request, events) => {
    const ticket = stateOf(events)
    return pipe(
      TE.fromEither(acting(call.caller, request.onBehalfOf)),
      chainTask((who) => {
        const guard =
          request.type === 'open' ? (decider: Authorised<TicketDecider>) => decider : onExistingTicket(call, who)
        return pipe(
          TE.fromTask(findUploads(who, namedFiles(request), null)),
          TE.flatMapEither((attachments) => {
            const decider = guard(deciderOf(call, who, request, attachments))
            return pipe(
              decider.authorise?.(ticket) ?? E.right(undefined),
              chain(() => decider.decide(ticket)),
            )
          }),
        )
      }),
      TE.map((events) => events.length > 0),
    )
  }

  return { act, open, find, stream, lastVersion, preview }
}
