import type { EventStore } from '../../domain/event-log/event-store.ts'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { plainEvent } from '../../domain/event-log/history-json.ts'
import { isTicketId, ticketStream } from '../../domain/ids.ts'
import { ticketPage, type TicketPage, type Until } from '../../domain/ticket/page.ts'
import { loadStream } from '../commands/load-stream.ts'
import type { CommandPorts } from '../commands/ports.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

const gone = '(erased)'

/** What happened, in one line for a person. */
const told = (event: RecordedEvent): string => {
  const personal = event.personal === erased ? null : event.personal
  switch (event.type) {
    case 'Opened':
      return `opened "${event.personal === erased ? gone : event.personal.subject}" in ${event.data.category.name}`
    case 'CommentAdded':
      return `commented: ${event.personal === erased ? gone : event.personal.body}`
    case 'FileAttached':
      return `attached ${event.personal === erased ? gone : event.personal.name} (${event.data.size} bytes)`
    case 'StatusChanged': {
      const to = event.personal === erased ? undefined : event.personal.assignee?.name
      return `moved it from ${event.data.from} to ${event.data.to}${to === undefined ? '' : `, assigned to ${to}`}`
    }
    case 'Assigned':
      return `assigned it to ${event.personal === erased ? event.data.assignee.id : event.personal.assignee.name}`
    case 'Closed':
      return 'closed it'
    case 'Reopened':
      return 'reopened it'
    default:
      return personal === null ? gone : event.type
  }
}

const timeline = (event: RecordedEvent): string => {
  const name = event.personal === erased ? event.actor.id : event.personal.actor.name
  const text = `${name} (${event.actor.role}) ${told(event)}`.replaceAll(/\s*\p{Cc}+\s*/gu, ' ')
  return `${String(event.version).padStart(4)}  ${event.occurredAt}  ${text}`
}

const standing = (page: TicketPage): string => {
  const assignee = page.assignee === null ? '' : `, assigned to ${page.assignee.names?.name ?? page.assignee.id}`
  return `      stands at version ${page.version}: ${page.status}${assignee}`
}

interface HistoryOptions {
  readonly asOf?: string
  readonly version?: string
  readonly json?: boolean
}

const untilOf = ({ asOf, version }: HistoryOptions): Until => {
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) throw new Failure(`"${version}" is no version`)
  const at = asOf === undefined ? undefined : new Date(asOf)
  if (at !== undefined && Number.isNaN(at.getTime()))
    throw new Failure(`--as-of: "${asOf}" is no time; say 2024-05-01T12:00:00Z`)
  return {
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(at === undefined ? {} : { asOf: at.toISOString() }),
  }
}

/**
 * Prints a ticket's full history, as JSON lines or as a timeline that ends with how the ticket stands. `asOf` (a time)
 * and `version` end it where the ticket stood then.
 */
export const printHistory = async (
  store: EventStore,
  sha256: CommandPorts['sha256'],
  ticket: string,
  options: HistoryOptions,
): Promise<void> => {
  if (!isTicketId(ticket)) throw new Failure(`"${ticket}" is no ticket id; one looks like T-0123ABCD`)
  const until = untilOf(options)
  const loaded = await loadStream(store, sha256)(ticketStream(ticket))()
  if (loaded._tag === 'Left') throw new Failure(`the history of ${ticket} cannot be read: ${loaded.left.tag}`)
  if (loaded.right.events.length === 0) throw new Failure(`there is no ticket ${ticket}`)
  const page = ticketPage(ticket, loaded.right.events, until)
  if (page === null) throw new Failure(`${ticket} did not stand there: it came later, or has not got that far`)
  for (const event of loaded.right.events.slice(0, page.version)) {
    await print(options.json === true ? JSON.stringify(plainEvent(event)) : timeline(event))
  }
  if (options.json !== true) await print(standing(page))
}
