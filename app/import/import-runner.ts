import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { refOf, type ActorRef } from '../../domain/actor.ts'
import type { Call, ImportCommands, Receipt, TicketCommands } from '../../domain/commands.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { commandIdOf, fingerprintOf, type CommandId, type TicketId } from '../../domain/ids.ts'
import type { ImportLine } from '../../domain/import/line.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { CommandPorts } from '../commands/ports.ts'
import { fileDigestOf, readLines, type NumberedLine } from './lines.ts'
import type { ImportProgress } from './progress.ts'
import { rejectionReason, type Rejects } from './rejects.ts'

/** What one run did. */
export interface ImportResult {
  /** Lines of the file. */
  readonly commands: number
  /** Events that this run added, and tickets that it opened. */
  readonly events: number
  readonly tickets: number
  readonly rejected: number
}

/** Lines between two reports of progress. */
const linesBetweenReports = 1_000

/** Opening is known by the ticket's key, every other command by its own. */
const keyOf = (line: ImportLine): string => (line.request.type === 'open' ? line.ticket : line.key)

const isSameActor = (a: ActorRef, b: ActorRef): boolean => a.id === b.id && a.role === b.role && a.account === b.account

/** Refusals that are not about the command: the import stops, and can be run again. */
const stopsImport: ReadonlySet<Refusal['tag']> = new Set([
  'NotReady',
  'StorageFull',
  'LogSealed',
  'OutcomeUnknown',
  'Busy',
])

/** @throws Error with the refusal's name, where an import cannot go on. */
const orStop = async <A>(what: string, task: TE.TaskEither<Refusal, A>): Promise<A> =>
  pipe(
    task,
    TE.getOrElse(
      (refusal): (() => Promise<A>) =>
        () =>
          Promise.reject(new Error(`${what}: ${refusal.tag}`)),
    ),
  )()

interface ImportOptions {
  readonly source: string
  readonly rejects: Rejects
  readonly onProgress: (done: number, all: number) => void
  /** How many commands may be under way at once, at present. */
  readonly concurrency: () => number
}

type IssuedCommand = Pick<RecordedEvent, 'version' | 'fingerprint' | 'actor'>

/** A ticket of the file: its id, and which commands of this source stand in its stream. */
interface ImportedTicket {
  readonly id: TicketId
  /** By command id: the command's last event. */
  readonly issued: Map<CommandId, IssuedCommand>
  /** The version after the ticket's line before, of those that stand in the stream: the next line is decided on it. */
  version: number
}

/** What became of a line. A line that was issued before, or that changes nothing, adds no event. */
type LineOutcome = { readonly added: number; readonly opened: boolean } | { readonly rejected: string }

const tooLate =
  'later commands of its ticket were issued before; put it behind them, at a later time, or import into an empty log'

const nothingAdded: LineOutcome = { added: 0, opened: false }

/**
 * Issues the recorded commands of a file: each ticket's one after the other, several tickets at once. Every line is either
 * found in its ticket's stream by its own key and body, or issued, or rejected with the reason, in this run as in every
 * later one, whatever was changed in the file between two runs (docs/adr/0025-imports-and-copies.md).
 * @throws BrokenLine before anything is issued, and Error where the store fails.
 */
export const createImportRunner = (
  ports: Pick<CommandPorts, 'sha256' | 'newId'>,
  commands: Pick<TicketCommands, 'open' | 'act'> & ImportCommands,
  progress: ImportProgress,
  { source, rejects, onProgress, concurrency }: ImportOptions,
) => {
  const commandId = (line: ImportLine, ticket: TicketId): CommandId =>
    commandIdOf(ports.sha256, `import:${source}`, line.request.type === 'open' ? null : ticket, keyOf(line))

  const findTicket = (key: string): Promise<{ readonly id: TicketId; readonly events: readonly RecordedEvent[] }> =>
    orStop(`the ticket of "${key}" cannot be read`, commands.find(source, key))

  const ticketOf = async (key: string): Promise<ImportedTicket> => {
    const { id, events } = await findTicket(key)
    return { id, issued: new Map(events.map((event) => [event.commandId, event])), version: 0 }
  }

  const callOf = (line: ImportLine): Call => ({
    caller: line.actor,
    correlationId: ports.newId(),
    idempotencyKey: keyOf(line),
    imported: { source, at: line.at },
  })

  const issue = (call: Call, id: TicketId, { request }: ImportLine): TE.TaskEither<Refusal, Receipt> =>
    request.type === 'open' ? commands.open(call, request) : commands.act(call, id, request)

  /** @throws Error for a refusal that is not about the command. */
  const rejected = (number: number, refusal: Refusal): LineOutcome => {
    if (stopsImport.has(refusal.tag)) throw new Error(`line ${number}: ${refusal.tag}; run the import again`)
    return { rejected: rejectionReason(refusal) }
  }

  /**
   * A line that is not found in the stream. Where later commands of the file stand there already, it was refused or
   * changed nothing in an earlier run, or was put in since: it is decided on what stood there at its place, and rejected
   * if it would have added something, since nothing can be put between events.
   */
  const issueLine = async (ticket: ImportedTicket, { number, line }: NumberedLine): Promise<LineOutcome> => {
    const call = callOf(line)
    const { events } = await findTicket(line.ticket)
    const head = events.at(-1)?.version ?? 0
    if (events.slice(ticket.version).some(({ imported }) => imported === source)) {
      return pipe(
        commands.preview(call, line.request, events.slice(0, ticket.version)),
        TE.match(
          (refusal) => rejected(number, refusal),
          (addsEvents) => (addsEvents ? { rejected: tooLate } : nothingAdded),
        ),
      )()
    }
    return pipe(
      issue(call, ticket.id, line),
      TE.match(
        (refusal) => rejected(number, refusal),
        (receipt) => {
          ticket.version = receipt.version
          return { added: receipt.version - head, opened: head === 0 && receipt.version > 0 }
        },
      ),
    )()
  }

  const outcomeOf = async (ticket: ImportedTicket, numbered: NumberedLine): Promise<LineOutcome> => {
    const { line, number } = numbered
    const id = commandId(line, ticket.id)
    const fingerprint = fingerprintOf(ports.sha256, line.request)
    const before = ticket.issued.get(id)
    if (before === undefined) {
      const outcome = await issueLine(ticket, numbered)
      // The same key may stand in the file twice.
      if ('added' in outcome && outcome.added > 0) {
        ticket.issued.set(id, { version: ticket.version, fingerprint, actor: refOf(line.actor) })
      }
      return outcome
    }
    if (before.fingerprint !== fingerprint || !isSameActor(before.actor, refOf(line.actor))) {
      return rejected(number, { tag: 'IdempotencyMismatch' })
    }
    ticket.version = before.version
    return nothingAdded
  }

  /** Reads the whole file before anything is issued: a broken line stops an import that has changed nothing. */
  const countLines = async (file: string): Promise<number> => {
    let lines = 0
    for await (const { number } of readLines(file)) lines = number
    return lines
  }

  const recordProgress = async (file: string, lines: number): Promise<void> => {
    const digest = await fileDigestOf(file)
    const done = await orStop('the import progress cannot be read', progress.done(digest))
    if (lines > done) await orStop('the import progress cannot be recorded', progress.reached(digest, lines))
  }

  return async (file: string): Promise<ImportResult> => {
    const lines = await countLines(file)
    /** By ticket key: the outcome of the last line that was begun. */
    const tickets = new Map<string, Promise<ImportedTicket>>()
    const underWay = new Set<Promise<unknown>>()
    const result = { commands: 0, events: 0, tickets: 0, rejected: 0 }

    const importAfter = async (before: Promise<ImportedTicket>, numbered: NumberedLine): Promise<ImportedTicket> => {
      const ticket = await before
      const outcome = await outcomeOf(ticket, numbered)
      if ('rejected' in outcome) {
        result.rejected++
        rejects.add({ line: numbered.number, reason: outcome.rejected, command: numbered.text })
      } else {
        result.events += outcome.added
        result.tickets += outcome.opened ? 1 : 0
      }
      return ticket
    }

    for await (const numbered of readLines(file)) {
      const { number, line } = numbered
      result.commands++
      const imported = importAfter(tickets.get(line.ticket) ?? ticketOf(line.ticket), numbered)
      tickets.set(line.ticket, imported)
      underWay.add(imported)
      void imported.then(
        () => underWay.delete(imported),
        () => undefined,
      )
      while (underWay.size >= concurrency()) await Promise.race(underWay)
      if (number % linesBetweenReports === 0) onProgress(number, lines)
    }
    await Promise.all(underWay)
    rejects.finish()
    await recordProgress(file, lines)
    return result
  }
}
