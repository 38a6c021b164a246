import { readLogId } from '../../adapters/event-store/anchors.ts'
import { appendsOf, subscribeToAppends } from '../../adapters/event-store/appends.ts'
import type { Outbox, ParkedTicket, QueuedMail } from '../../adapters/mail/outbox.ts'
import { anchorAt, type LogId } from '../../domain/event-log/anchor.ts'
import { envelopeOf, positionOf } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type Subscription, type StoredEvent } from '../../domain/event-log/event-store.ts'
import {
  ticketOfStream,
  ticketStream,
  type EventId,
  type PersonId,
  type TicketId,
  type StreamName,
  sealStream,
} from '../../domain/ids.ts'
import { comesByMail } from '../../domain/notification/kinds.ts'
import type { NotificationQueries } from '../../projections/notifications/queries.ts'
import { wholeTeam } from '../../projections/notifications/recipients.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'

export interface SubscriptionPorts {
  readonly store: EventStore
  readonly models: ReadModels<Helpdesk>
  readonly outbox: Outbox
  readonly messageId: (event: EventId, recipient: PersonId) => string
  /** Mails were queued. */
  readonly onQueued: () => void
  readonly onError: (error: unknown) => void
}

const batchSize = 500
/** No mail is in such a hurry, and each batch costs a sync: events of so many ms are handled as one batch. */
const batchDelayMs = 100
/** How often to check for a stop while the read models are behind, in ms. */
const stopCheckMs = 1_000

/** Imported and restored events are past: nobody is mailed about them. */
const isSuppressed = (event: StoredEvent, suppressedUntil: string): boolean => {
  const { imported, recordedAt } = envelopeOf(event)
  return imported !== undefined || recordedAt <= suppressedUntil
}

type NotificationRow = ReturnType<NotificationQueries['between']>[number]

/**
 * The mails for these notifications: one for each append and person who wants any of its kinds by mail. `events` are
 * whole appends, and hold all events that the notifications are about.
 */
const mailsFor = (
  rows: readonly NotificationRow[],
  events: readonly StoredEvent[],
  { models, outbox, messageId }: Pick<SubscriptionPorts, 'models' | 'outbox' | 'messageId'>,
): readonly QueuedMail[] => {
  const { mailChoice, teamBefore } = models.queries().notifications
  const suppressedUntil = outbox.suppressedUntil()
  const appends = new Map(appendsOf(events).flatMap((append) => append.map((event) => [event.position, append])))
  return rows.flatMap((row) => {
    const append = appends.get(positionOf(row.position))
    const [first, last] = [append?.[0], append?.at(-1)]
    if (first === undefined || last === undefined) throw new Error(`position ${row.position} is not in these events`)
    if (isSuppressed(first, suppressedUntil)) return []
    const recipients = row.reader === wholeTeam ? teamBefore(row.position) : [row.reader]
    return recipients
      .filter((recipient) => row.kinds.some((kind) => comesByMail(kind, mailChoice(recipient))))
      .map((recipient) => ({
        messageId: messageId(row.id, recipient),
        recipient,
        account: row.account ?? null,
        ticket: row.ticket,
        first: first.version,
        last: last.version,
        kinds: row.kinds,
        at: row.at,
      }))
  })
}

/**
 * Subscribes to the log behind the outbox's position and behind the notifications read model, and queues the mails for
 * each batch together with the new position. Tickets that the read model parked are noted, and their mails queued once it
 * has caught up with them.
 */
export const subscribeOutbox = (ports: SubscriptionPorts): Subscription => {
  const { store, models, outbox } = ports
  let stopped = false
  let log: LogId = ''
  let subscription: Subscription | undefined

  const parkedTickets = (): ReadonlySet<TicketId | StreamName> =>
    new Set(
      models
        .status()
        .flatMap(({ name, parked }) => (name === 'notifications' ? parked : []))
        .map(({ ticket }) => ticket),
    )

  const parkedIn = (events: readonly StoredEvent[]): readonly ParkedTicket[] => {
    const parked = parkedTickets()
    const after = outbox.position()
    const tickets = new Set(events.map(({ stream }) => ticketOfStream(stream)))
    return [...tickets].flatMap((ticket) => (ticket !== null && parked.has(ticket) ? [{ ticket, after }] : []))
  }

  /** Queues the mails of tickets that are no longer parked, from the tickets' own streams. */
  const queueUnparked = async (): Promise<void> => {
    const noted = outbox.parked()
    if (noted.length === 0) return
    const parked = parkedTickets()
    for (const { ticket, after } of noted.filter(({ ticket: id }) => !parked.has(id))) {
      const upTo = Number(outbox.position())
      const events = readable(await store.readStream(ticketStream(ticket))())
      const rows = models
        .queries()
        .notifications.between(Number(after), upTo)
        .filter((row) => row.ticket === ticket)
      outbox.enqueueParked(ticket, mailsFor(rows, events, ports))
      ports.onQueued()
    }
  }

  const onBatch = async (arrived: readonly StoredEvent[]): Promise<void> => {
    // The seal is never copied: a mail place behind it would be in no other log.
    const events = arrived.filter(({ stream }) => stream !== sealStream)
    const last = events.at(-1)
    if (last === undefined) return
    const upTo = last.position
    while (!stopped && !(await models.waitFor(upTo, stopCheckMs, 'notifications')));
    if (stopped) return
    if (log === '') log = await readLogId(store)
    const rows = models.queries().notifications.between(Number(outbox.position()), Number(upTo))
    outbox.enqueue(mailsFor(rows, events, ports), anchorAt(log, last), parkedIn(events))
    if (rows.length > 0) ports.onQueued()
    await queueUnparked()
  }

  const begin = async (): Promise<void> => {
    try {
      await queueUnparked()
    } catch (error) {
      ports.onError(error)
    }
    const options = { batchSize, delayMs: batchDelayMs }
    if (!stopped) subscription = subscribeToAppends(store, outbox.position, options, onBatch, ports.onError)
  }
  const beginning = begin()
  return {
    stop: async () => {
      stopped = true
      await beginning
      await subscription?.stop()
    },
  }
}
