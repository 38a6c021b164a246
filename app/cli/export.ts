import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { exactEvent } from '../../domain/event-log/export-json.ts'
import { isTicketId, ticketStream } from '../../domain/ids.ts'
import { Failure } from './failure.ts'
import { logAfter } from '../log-pages.ts'
import { print } from './output.ts'

/** Prints events as NDJSON in log order: all, those behind a position, or one ticket's. */
export const printExport = async (
  store: EventStore,
  options: { readonly ticket?: string; readonly after?: string },
): Promise<void> => {
  const { ticket, after = start } = options
  if (!/^\d{1,20}$/.test(after)) throw new Failure(`"${after}" is no position; it is a whole number`)
  if (ticket !== undefined && !isTicketId(ticket)) throw new Failure(`"${ticket}" is no ticket id`)
  for await (const stored of logAfter(store, after)) {
    if (ticket === undefined || stored.stream === ticketStream(ticket)) await print(JSON.stringify(exactEvent(stored)))
  }
}
