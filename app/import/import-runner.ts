import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Call, Receipt, TicketCommands } from '../../domain/commands.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { commandIdOf } from '../../domain/ids.ts'
import type { ImportLine } from '../../domain/import/line.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { CommandPorts } from '../commands/ports.ts'
import { digestOf, readLines, type NumberedLine } from './lines.ts'
import type { ImportProgress } from './progress.ts'
import type { Rejects } from './rejects.ts'

export interface ImportResult {
  /** Lines of the file. */
  readonly commands: number
  /** Events that this run added, and tickets that it opened. */
  readonly events: number
  readonly tickets: number
  readonly rejected: number
}

/** Lines between two recorded marks of progress: what a killed import reads again, at most. */
const linesPerMark = 5_000

/** What a first reading of the whole file found. */
interface Survey {
  readonly digest: string
  readonly lines: number
  /** By ticket key: the last line whose command stands in the ticket's stream. */
  readonly lastPresent: ReadonlyMap<string, number>
  /** By line: the ticket key of a command that an earlier run rejected and that still stands in the file. */
  readonly rejectedBefore: ReadonlyMap<number, string>
}

/** Opening is known by the ticket's key, every other command by its own. */
const keyOf = (line: ImportLine): string => (line.request.type === 'open' ? line.ticket : line.key)

const reasonOf = (refusal: Refusal): string => {
  switch (refusal.tag) {
    case 'Invalid':
      return refusal.errors.map(({ path, message }) => `${path} ${message}`).join('; ')
    case 'OutOfOrder':
      return `older than the ticket's last event (${refusal.last})`
    case 'IdempotencyMismatch':
      return 'this key was played before with another body'
    default:
      return refusal.tag
  }
}

/** Refusals that are not about the command: the import stops, and can be run again. */
const stopsImport: ReadonlySet<Refusal['tag']> = new Set(['NotReady', 'StorageFull', 'OutcomeUnknown', 'Busy'])

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

/**
 * Plays a file of recorded commands: each ticket's one after the other, several tickets at once. A command that stands
 * in its ticket's stream, of this run or an earlier one, adds nothing (docs/adr/0025-imports-and-copies.md).
 * @throws BrokenLine, and Error where the store fails.
 */
export const createImportRunner = (
  ports: Pick<CommandPorts, 'sha256' | 'newId'>,
  commands: Pick<TicketCommands, 'open' | 'act' | 'find'>,
  progress: ImportProgress,
  { source, rejects, onProgress, concurrency }: ImportOptions,
) => {
  const commandId = (line: ImportLine, ticket: string): string =>
    commandIdOf(ports.sha256, `import:${source}`, line.request.type === 'open' ? '' : ticket, keyOf(line))

  const findTicket = (key: string): Promise<{ readonly id: string; readonly events: readonly RecordedEvent[] }> =>
    orStop(`the ticket of "${key}" cannot be read`, commands.find(source, key))

  /** Reads the whole file before anything is played: a broken line stops an import that has changed nothing. */
  const survey = async (file: string): Promise<Survey> => {
    const tickets = new Map<string, { readonly id: string; readonly commandIds: ReadonlySet<string> }>()
    const lastPresent = new Map<string, number>()
    const rejectedBefore = new Map<number, string>()
    let lines = 0
    for await (const { number, text, line } of readLines(file)) {
      lines = number
      if (rejects.standing.get(number)?.command === text) rejectedBefore.set(number, line.ticket)
      let ticket = tickets.get(line.ticket)
      if (ticket === undefined) {
        const { id, events } = await findTicket(line.ticket)
        ticket = { id, commandIds: new Set(events.map((event) => event.commandId)) }
        tickets.set(line.ticket, ticket)
      }
      if (ticket.commandIds.has(commandId(line, ticket.id))) lastPresent.set(line.ticket, number)
    }
    return { digest: await digestOf(file), lines, lastPresent, rejectedBefore }
  }

  const issue = (line: ImportLine, id: string): TE.TaskEither<Refusal, Receipt> => {
    const call: Call = {
      caller: line.actor,
      correlationId: ports.newId(),
      idempotencyKey: keyOf(line),
      imported: { source, at: line.at },
    }
    const { request } = line
    return request.type === 'open' ? commands.open(call, request) : commands.act(call, id, request)
  }

  /** How many events the line added, and whether it opened a ticket; null where it was rejected. */
  const playLine = async ({ number, text, line }: NumberedLine) => {
    const { id, events } = await findTicket(line.ticket)
    const version = events.at(-1)?.version ?? 0
    return pipe(
      issue(line, id),
      TE.match(
        (refusal) => {
          if (stopsImport.has(refusal.tag)) throw new Error(`line ${number}: ${refusal.tag}; run the import again`)
          rejects.add({ line: number, reason: reasonOf(refusal), command: text })
          return null
        },
        (receipt) => ({ added: receipt.version - version, opened: version === 0 }),
      ),
    )()
  }

  return async (file: string): Promise<ImportResult> => {
    const { digest, lines, lastPresent, rejectedBefore } = await survey(file)
    const done = await orStop('the import progress cannot be read', progress.done(digest))
    const recordProgress = (number: number): Promise<void> =>
      orStop('the import progress cannot be recorded', progress.reached(digest, number))
    const isPlayed = (number: number, ticket: string): boolean =>
      number <= done || number <= (lastPresent.get(ticket) ?? 0)
    const stillRejected = [...rejectedBefore].filter(([number, ticket]) => isPlayed(number, ticket))
    rejects.keep(new Set(stillRejected.map(([number]) => number)))

    /** By ticket key: the last line under way. */
    const underWay = new Map<string, Promise<void>>()
    const result = { commands: 0, events: 0, tickets: 0, rejected: 0 }
    let recorded = done

    const playAfter = async (before: Promise<void> | undefined, numbered: NumberedLine): Promise<void> => {
      await before
      const outcome = await playLine(numbered)
      if (outcome === null) {
        result.rejected++
        return
      }
      result.events += outcome.added
      result.tickets += outcome.opened ? 1 : 0
    }

    for await (const numbered of readLines(file)) {
      const { number, line } = numbered
      result.commands++
      if (isPlayed(number, line.ticket)) continue
      const played = playAfter(underWay.get(line.ticket), numbered)
      underWay.set(line.ticket, played)
      void played.then(
        () => underWay.get(line.ticket) === played && underWay.delete(line.ticket),
        () => undefined,
      )
      while (underWay.size >= concurrency()) await Promise.race(underWay.values())
      if (number >= recorded + linesPerMark) {
        await Promise.all(underWay.values())
        await recordProgress(number)
        recorded = number
        onProgress(number, lines)
      }
    }
    await Promise.all(underWay.values())
    if (lines > done) await recordProgress(lines)
    return result
  }
}
