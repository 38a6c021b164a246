import { isRight } from 'fp-ts/lib/Either.js'
import type { Call, Commands } from '../../domain/commands.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { commandIdOf } from '../../domain/ids.ts'
import type { ImportLine } from '../../domain/import/line.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { PipelinePorts } from '../commands/ports.ts'
import { digestOf, readLines } from './lines.ts'
import type { Progress } from './progress.ts'
import type { Rejects } from './rejects.ts'

export interface Played {
  readonly commands: number
  /** Events added by this run. */
  readonly events: number
  /** Tickets opened by this run. */
  readonly tickets: number
  readonly rejected: number
}

/** Lines between two facts of progress: what a killed import looks at again, at most. */
const stride = 5_000

interface Survey {
  readonly digest: string
  readonly lines: number
  /** For tickets that exist: the last line whose key stands in the stream. */
  readonly lastPresent: ReadonlyMap<string, number>
  /** Lines that an earlier run set aside as they stand here, with their tickets. */
  readonly setAside: ReadonlyMap<number, string>
}

const scopeOf = (source: string): string => `import:${source}`

/** Which of a ticket's lines were played: the one that opened it is known by the ticket's key, all others by theirs. */
const keyOf = (line: ImportLine): string => (line.request.type === 'open' ? line.ticket : line.key)

const targetOf = (line: ImportLine, ticket: string): string => (line.request.type === 'open' ? '' : ticket)

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

/** These say nothing of the command: the import stops and can be run again. */
const broken: ReadonlySet<Refusal['tag']> = new Set(['NotReady', 'StorageFull', 'OutcomeUnknown', 'Busy'])

export const player = (
  ports: Pick<PipelinePorts, 'sha256' | 'newId'>,
  commands: Commands,
  progress: Progress,
  source: string,
  hooks: {
    readonly rejects: Rejects
    readonly onProgress: (done: number, all: number) => void
    /** How many commands may be under way at once, just now. */
    readonly width: () => number
  },
) => {
  const idOf = (line: ImportLine, ticket: string): string =>
    commandIdOf(ports.sha256, scopeOf(source), targetOf(line, ticket), keyOf(line))

  const whereIs = async (
    ticket: string,
  ): Promise<{ readonly id: string; readonly events: readonly RecordedEvent[] }> => {
    const found = await commands.find(source, ticket)()
    if (isRight(found)) return found.right
    throw new Error(`the ticket of "${ticket}" cannot be read: ${found.left.tag}`)
  }

  /** Reads the whole file before anything is played: a broken line stops an import that has changed nothing. */
  const survey = async (file: string): Promise<Survey> => {
    const known = new Map<string, { readonly id: string; readonly commands: ReadonlySet<string> }>()
    const lastPresent = new Map<string, number>()
    const setAside = new Map<number, string>()
    let lines = 0
    for await (const { number, text, line } of readLines(file)) {
      lines = number
      if (hooks.rejects.standing.get(number)?.command === text) setAside.set(number, line.ticket)
      let ticket = known.get(line.ticket)
      if (ticket === undefined) {
        const { id, events } = await whereIs(line.ticket)
        ticket = { id, commands: new Set(events.map((event) => event.commandId)) }
        known.set(line.ticket, ticket)
      }
      if (ticket.commands.has(idOf(line, ticket.id))) lastPresent.set(line.ticket, number)
    }
    return { digest: await digestOf(file), lines, lastPresent, setAside }
  }

  /** Versions that this line added, and whether it opened a ticket; null where it was refused. */
  const playLine = async (
    number: number,
    text: string,
    line: ImportLine,
  ): Promise<{ readonly added: number; readonly opened: boolean } | null> => {
    const call: Call = {
      caller: line.actor,
      correlationId: ports.newId(),
      idempotencyKey: keyOf(line),
      imported: { source, at: line.at },
    }
    const before = await whereIs(line.ticket)
    const version = before.events.at(-1)?.version ?? 0
    const { request } = line
    const outcome =
      request.type === 'open' ? await commands.open(call, request)() : await commands.act(call, before.id, request)()
    if (isRight(outcome)) return { added: outcome.right.version - version, opened: version === 0 }
    if (broken.has(outcome.left.tag)) throw new Error(`line ${number}: ${outcome.left.tag}; run the import again`)
    hooks.rejects.add({ line: number, reason: reasonOf(outcome.left), command: text })
    return null
  }

  /**
   * Plays the file in its order: each ticket's commands one after the other, several tickets at once. What was played
   * before, in this run or an earlier one, adds nothing. @throws BrokenLine, or Error where the store fails.
   */
  return async (file: string): Promise<Played> => {
    const { digest, lines, lastPresent, setAside } = await survey(file)
    const done = await progress.done(digest)
    const isPlayed = (number: number, ticket: string): boolean =>
      number <= done || number <= (lastPresent.get(ticket) ?? 0)
    const kept = [...setAside].filter(([number, ticket]) => isPlayed(number, ticket))
    hooks.rejects.keep(new Set(kept.map(([number]) => number)))
    const tails = new Map<string, Promise<void>>()
    let [commands, events, tickets, rejected] = [0, 0, 0, 0]
    let noted = done

    const settled = async (): Promise<void> => {
      await Promise.all(tails.values())
    }
    const play = async (before: Promise<void> | undefined, number: number, text: string, line: ImportLine) => {
      await before
      const outcome = await playLine(number, text, line)
      if (outcome === null) rejected++
      else {
        events += outcome.added
        tickets += outcome.opened ? 1 : 0
      }
    }

    for await (const { number, text, line } of readLines(file)) {
      commands++
      if (isPlayed(number, line.ticket)) continue
      const tail = play(tails.get(line.ticket), number, text, line)
      tails.set(line.ticket, tail)
      void tail.then(
        () => tails.get(line.ticket) === tail && tails.delete(line.ticket),
        () => undefined,
      )
      while (tails.size >= hooks.width()) await Promise.race(tails.values())
      if (number >= noted + stride) {
        await settled()
        await progress.reached(digest, number)
        noted = number
        hooks.onProgress(number, lines)
      }
    }
    await settled()
    if (lines > done) await progress.reached(digest, lines)
    return { commands, events, tickets, rejected }
  }
}
