import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { eventTexts } from '../../adapters/api/event-texts.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { toHistoryJson } from '../../domain/event-log/history-json.ts'
import { ticketStream, type TicketId } from '../../domain/ids.ts'
import { ticketPage, type TicketPage, type Until } from '../../domain/ticket/page.ts'
import { loadStream } from '../commands/load-stream.ts'
import type { Failure } from '../failures.ts'
import { systemPorts } from '../system.ts'
import { invalidArgument, ticketArgument } from './arguments.ts'
import { print } from './output.ts'

const timelineOf = (event: RecordedEvent): string => {
  const name = event.personal === erased ? event.actor.id : event.personal.actor.name
  const { line } = eventTexts(event.type, toHistoryJson(event)['data'])
  // Texts come from users: control characters could move the cursor of a terminal.
  const text = `${name} (${event.actor.role}) ${line}`.replaceAll(/\s*\p{Cc}+\s*/gu, ' ')
  return `${String(event.version).padStart(4)}  ${event.occurredAt}  ${text}`
}

const stateOf = (page: TicketPage): string => {
  const assignee = page.assignee === null ? '' : `, assigned to ${page.assignee.names?.name ?? page.assignee.id}`
  return `      stands at version ${page.version}: ${page.status}${assignee}`
}

interface HistoryOptions {
  readonly asOf?: string
  readonly version?: string
  readonly json?: boolean
}

const untilOf = ({ asOf, version }: HistoryOptions): E.Either<Failure, Until> => {
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) {
    return invalidArgument('--version', `must be a whole number from 1, and is "${version}"`)
  }
  const at = asOf === undefined ? undefined : new Date(asOf)
  if (at !== undefined && Number.isNaN(at.getTime())) {
    return invalidArgument('--as-of', `must be a time such as 2024-05-01T12:00:00Z, and is "${asOf}"`)
  }
  return E.right({
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(at === undefined ? {} : { asOf: at.toISOString() }),
  })
}

const loadTicket = (store: EventStore, ticket: TicketId): TE.TaskEither<Failure, readonly RecordedEvent[]> =>
  pipe(
    loadStream(store, systemPorts.sha256)(ticketStream(ticket)),
    TE.mapLeft(({ tag }): Failure => ({ code: 'UnreadableLog', what: `the history of ${ticket}`, reason: tag })),
    TE.map(({ events }) => events),
    TE.filterOrElse(
      (events) => events.length > 0,
      (): Failure => ({ code: 'NotFound', what: `ticket ${ticket}` }),
    ),
  )

const printEvents = async (events: readonly RecordedEvent[], page: TicketPage, json: boolean): Promise<void> => {
  for (const event of events.slice(0, page.version)) {
    await print(json ? JSON.stringify(toHistoryJson(event)) : timelineOf(event))
  }
  if (!json) await print(stateOf(page))
}

/**
 * `history`: prints a ticket's full history, as JSON lines or as a timeline that ends with the ticket's state. `asOf` (a
 * time) and `version` limit it to what had happened then.
 */
export const printHistory = (
  store: EventStore,
  argument: string,
  options: HistoryOptions,
): TE.TaskEither<Failure, void> =>
  pipe(
    TE.Do,
    TE.bind('ticket', () => TE.fromEither(ticketArgument('ticket', argument))),
    TE.bind('until', () => TE.fromEither(untilOf(options))),
    TE.bind('events', ({ ticket }) => loadTicket(store, ticket)),
    TE.bind('page', ({ ticket, events, until }) =>
      TE.fromNullable<Failure>({
        code: 'NotFound',
        what: `such state of ${ticket}: it was opened later, or has fewer events`,
      })(ticketPage(ticket, events, until)),
    ),
    TE.flatMap(({ events, page }) => TE.fromTask(() => printEvents(events, page, options.json === true))),
  )
