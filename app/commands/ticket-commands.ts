import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Call, Commands, Receipt } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { commandIdOf, fingerprintOf, isTicketId, ticketIdCandidate, ticketStream } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Request } from '../../domain/ticket/bodies.ts'
import { decide } from '../../domain/ticket/decide.ts'
import { evolve, initial, type Ticket } from '../../domain/ticket/state.ts'
import { sees } from '../../domain/ticket/access.ts'
import { acting, uploaderOf, type Acting } from './acting.ts'
import { allowed, commandOf, namedFiles } from './command.ts'
import type { PipelinePorts } from './ports.ts'
import { loadStream, type Loaded } from './load-stream.ts'
import { reader } from './user-commands.ts'
import { untilSettled } from './retry.ts'
import { write, type CommandMark, type Outrun } from './append.ts'

const notFound: Either<Refusal, never> = left({ tag: 'NotFound' })

/** Keys of an import are its source's own; all others are their authenticated caller's (rulings, 10). */
const scopeOf = (call: Call): string =>
  call.imported === undefined ? `caller:${call.caller.id}` : `import:${call.imported.source}`

const foldTicket = (events: readonly RecordedEvent[]): Ticket => {
  let ticket = initial
  for (const event of events) ticket = evolve(ticket, event)
  return ticket
}

/** The receipt of a command whose last event is the last of these: the same now as when it was first answered. */
const receiptAfter = (id: string, events: readonly RecordedEvent[]): Either<Refusal, Receipt> => {
  const ticket = foldTicket(events)
  const last = events.at(-1)
  return ticket.status === 'none' || last === undefined
    ? notFound
    : right({ id, version: last.version, status: ticket.status, position: last.position })
}

/** What this command did to the stream before, if it did: a key is recognised there and nowhere else. */
const repeated = (id: string, { events }: Loaded, mark: CommandMark): Either<Refusal, Receipt> | null => {
  const last = events.findLastIndex((event) => event.commandId === mark.commandId)
  if (last < 0) return null
  return events[last]?.fingerprint === mark.fingerprint
    ? receiptAfter(id, events.slice(0, last + 1))
    : left({ tag: 'IdempotencyMismatch' })
}

/**
 * A command's way: find the ticket, check the role, recognise the key, check If-Match, find the uploads, decide,
 * append; from the start again whenever somebody else appended first (rulings, 11). No projection is read to decide.
 */
export const createCommands = (ports: PipelinePorts): Commands => {
  const load = loadStream(ports.store, ports.sha256)
  const append = write(ports)

  const markOf = (call: Call, target: string, key: string, request: Request): CommandMark => ({
    commandId: commandIdOf(ports.sha256, scopeOf(call), target, key),
    fingerprint: fingerprintOf(ports.sha256, request),
  })

  /** Decides on the loaded stream and appends; what changes nothing answers with the stream as it stands. */
  const settle = async (
    call: Call,
    who: Acting,
    mark: CommandMark,
    id: string,
    loaded: Loaded,
    request: Request,
  ): Promise<Either<Refusal | Outrun, Receipt>> => {
    const files = namedFiles(request)
    if (files._tag === 'Left') return files
    const claim = { commandId: mark.commandId, ticket: id }
    const uploads = await ports.uploads.find(uploaderOf(who), files.right, claim)()
    if (uploads._tag === 'Left') return uploads
    const unknown = request.type === 'assign' && !knownSupport(call, who, request.assignee.id)
    if (unknown) return left({ tag: 'NotSupport', person: request.assignee.id })
    const command = commandOf(who.actor, request, uploads.right, ports.categories, call.imported !== undefined)
    if (command._tag === 'Left') return command
    const ticket = foldTicket(loaded.events)
    const decision = decide(command.right)(ticket)
    if (decision._tag === 'Left') return decision
    if (decision.right.length === 0) return receiptAfter(id, loaded.events)
    const claimed = await ports.uploads.claim(files.right, claim)()
    if (claimed._tag === 'Left') return claimed
    const appended = await append(call, who, mark, ticketStream(id), loaded, decision.right)
    if (appended._tag === 'Left') return appended
    await ports.uploads.keep(files.right)
    let after = ticket
    for (const event of decision.right) after = evolve(after, event)
    return after.status === 'none'
      ? notFound
      : right({ id, version: appended.right.version, status: after.status, position: appended.right.position })
  }

  /** What an import records was true where it comes from; a live caller may only name somebody of the team. */
  const knownSupport = (call: Call, { actor }: Acting, person: string): boolean =>
    call.imported !== undefined || actor.id === person || ports.team.isSupport(person)

  const visible = (caller: Principal, who: Acting | null, loaded: Loaded): boolean => {
    const ticket = foldTicket(loaded.events)
    return ticket.status !== 'none' && sees(caller, ticket.account) && (who === null || sees(who.actor, ticket.account))
  }

  /** A command that ends refused gives its uploads back; where its outcome is unknown, the log will tell whose they are. */
  const concluded = async (
    request: Request,
    { commandId }: CommandMark,
    attempt: () => Promise<Either<Refusal | Outrun, Receipt>>,
  ): Promise<Either<Refusal, Receipt>> => {
    const outcome = await untilSettled(ports, attempt)
    const files = namedFiles(request)
    if (outcome._tag === 'Left' && outcome.left.tag !== 'OutcomeUnknown' && files._tag === 'Right') {
      await ports.uploads.release(files.right, commandId)
    }
    return outcome
  }

  const act: Commands['act'] = (call, id, request) => async () => {
    const who = acting(call.caller, request.onBehalfOf)
    if (who._tag === 'Left') return who
    if (!isTicketId(id)) return notFound
    const mark = markOf(call, id, call.idempotencyKey ?? ports.newId(), request)
    return concluded(request, mark, async () => {
      const loaded = await load(ticketStream(id))()
      if (loaded._tag === 'Left') return loaded
      if (!visible(call.caller, who.right, loaded.right)) return notFound
      const may = allowed(who.right.actor, request)
      if (may._tag === 'Left') return may
      const before = repeated(id, loaded.right, mark)
      if (before !== null) return before
      const actual = loaded.right.head.version
      if (call.ifVersion !== undefined && call.ifVersion !== actual) return left({ tag: 'VersionConflict', actual })
      return settle(call, who.right, mark, id, loaded.right, request)
    })
  }

  const open: Commands['open'] = (call, request) => async () => {
    const who = acting(call.caller, request.onBehalfOf)
    if (who._tag === 'Left') return who
    const may = allowed(who.right.actor, request)
    if (may._tag === 'Left') return may
    const key = call.idempotencyKey ?? ports.newId()
    const mark = markOf(call, '', key, request)
    return concluded(request, mark, async () => {
      const place = await placeOf(scopeOf(call), key, mark.commandId)
      if (place._tag === 'Left') return place
      const { id, loaded } = place.right
      return repeated(id, loaded, mark) ?? settle(call, who.right, mark, id, loaded, request)
    })
  }

  /** The first candidate id whose stream is empty or was opened by this very command: 40 bits do collide. */
  const placeOf = async (
    scope: string,
    key: string,
    commandId: string,
  ): Promise<Either<Refusal, { readonly id: string; readonly loaded: Loaded }>> => {
    for (let n = 0; ; n++) {
      const id = ticketIdCandidate(ports.sha256, scope, key, n)
      const loaded = await load(ticketStream(id))()
      if (loaded._tag === 'Left') return loaded
      const opened = loaded.right.events[0]
      if (opened === undefined || opened.commandId === commandId) return right({ id, loaded: loaded.right })
    }
  }

  const find: Commands['find'] = (source, ticketKey) => async () => {
    const scope = `import:${source}`
    const place = await placeOf(scope, ticketKey, commandIdOf(ports.sha256, scope, '', ticketKey))
    return place._tag === 'Left' ? place : right({ id: place.right.id, events: place.right.loaded.events })
  }

  const stream: Commands['stream'] = (caller, id) => async () => {
    if (!isTicketId(id)) return notFound
    const loaded = await load(ticketStream(id))()
    if (loaded._tag === 'Left') return loaded
    return visible(caller, null, loaded.right) ? right(loaded.right.events) : notFound
  }

  return { open, act, find, stream, ...reader(ports, append, stream) }
}
