import { followAppends } from '../../adapters/event-store/appends.ts'
import type { Held, Outbox } from '../../adapters/mail/outbox.ts'
import type { EventStore, Subscription, StoredEvent } from '../../domain/event-log/event-store.ts'
import { ticketOfStream, ticketStream } from '../../domain/ids.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'
import { intentsOf } from './intents.ts'

export interface FollowPorts {
  readonly store: EventStore
  readonly models: ReadModels<Helpdesk>
  readonly outbox: Outbox
  readonly messageId: (event: string, recipient: string) => string
  /** The first event of a log is there. */
  readonly begun: () => Promise<void>
  /** Something was put into the outbox. */
  readonly intended: () => void
  readonly failed: (error: unknown) => void
}

const batchSize = 500
/** No mail is in such a hurry, and each batch costs a sync: what comes within so many ms comes as one. */
const restMs = 100
/** While the read models are behind, it is looked so often whether to stop, in ms. */
const lookMs = 1_000

/**
 * Follows the log from where the outbox stands, behind the notifications, and puts into it what is to be sent: what each
 * part of the log calls for, and that it was read, in one step. What the notifications parked is held until they have it.
 */
export const followLog = (ports: FollowPorts): Subscription => {
  const { store, models, outbox } = ports
  let [stopped, begun] = [false, false]
  let subscription: Subscription | undefined

  const intentPorts = () => ({
    notifications: models.queries().notifications,
    messageId: ports.messageId,
    silentUntil: outbox.silentUntil(),
  })
  const parked = (): ReadonlySet<string> =>
    new Set(
      models
        .status()
        .flatMap(({ name, parked: tickets }) => (name === 'notifications' ? tickets : []))
        .map(({ ticket }) => ticket),
    )

  const heldIn = (events: readonly StoredEvent[]): readonly Held[] => {
    const away = parked()
    const after = outbox.position()
    const tickets = new Set(events.map(({ stream }) => ticketOfStream(stream)))
    return [...tickets].flatMap((ticket) => (ticket !== null && away.has(ticket) ? [{ ticket, after }] : []))
  }

  /** What was held and is there now is told from the ticket's own stream. */
  const release = async (): Promise<void> => {
    const waiting = outbox.held()
    if (waiting.length === 0) return
    const away = parked()
    for (const { ticket, after } of waiting.filter(({ ticket: id }) => !away.has(id))) {
      const upTo = Number(outbox.position())
      const events = await store.readStream(ticketStream(ticket))()
      if (events._tag === 'Left') throw new Error(`${ticket} cannot be read: ${events.left.tag}`)
      const rows = models
        .queries()
        .notifications.between(Number(after), upTo)
        .filter((row) => row.ticket === ticket)
      outbox.release(ticket, intentsOf(rows, events.right, intentPorts()))
      ports.intended()
    }
  }

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    const upTo = events.at(-1)?.position
    if (upTo === undefined) return
    while (!stopped && !(await models.waitFor(upTo, lookMs, 'notifications')));
    if (stopped) return
    if (!begun) await ports.begun()
    begun = true
    const rows = models.queries().notifications.between(Number(outbox.position()), Number(upTo))
    outbox.intend(intentsOf(rows, events, intentPorts()), upTo, heldIn(events))
    if (rows.length > 0) ports.intended()
    await release()
  }

  const begin = async (): Promise<void> => {
    try {
      await release()
    } catch (error) {
      ports.failed(error)
    }
    if (!stopped) subscription = followAppends(store, outbox.position, { batchSize, restMs }, onBatch, ports.failed)
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
