import type { EventStore, StoredEvent } from '../../domain/event-store.ts'
import { start } from '../../domain/events/envelope.ts'
import { plainEvent } from '../../domain/events/plain.ts'
import { readEvent } from '../../domain/events/read.ts'
import { isTicketId, ticketStream } from '../../domain/ids.ts'
import { Failure } from './failure.ts'
import { logAfter } from './log.ts'
import { print } from './output.ts'

/**
 * One event as an export line: the history's plain fields, and under `exact` the stored bytes, enough to restore the
 * event and to check its hash with another program (rulings, 4). An unknown event is exported by its bytes alone.
 */
const exportLine = (stored: StoredEvent): string => {
  const event = readEvent(stored)
  const { position, stream, version, id, type, previousHash, hash } = stored
  const plain = event === null ? { position, stream, version, id, type, previousHash, hash } : plainEvent(event)
  const { envelope, data, personal, salt, personalDigest } = stored
  return JSON.stringify({ ...plain, exact: { envelope, data, personal, salt, personalDigest } })
}

/** Prints events as NDJSON in log order: all, those behind a position, or one ticket's. */
export const printExport = async (
  store: EventStore,
  options: { readonly ticket?: string; readonly after?: string },
): Promise<void> => {
  const { ticket, after = start } = options
  if (!/^\d{1,20}$/.test(after)) throw new Failure(`"${after}" is no position; it is a whole number`)
  if (ticket !== undefined && !isTicketId(ticket)) throw new Failure(`"${ticket}" is no ticket id`)
  for await (const stored of logAfter(store, after)) {
    if (ticket === undefined || stored.stream === ticketStream(ticket)) await print(exportLine(stored))
  }
}
