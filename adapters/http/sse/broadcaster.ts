import type { LogId } from '../../../domain/event-log/anchor.ts'
import { comparePositions } from '../../../domain/event-log/envelope.ts'
import {
  readable,
  type EventStore,
  type StoredEvent,
  type Subscription,
} from '../../../domain/event-log/event-store.ts'
import { userStream, type PersonId, type StreamName } from '../../../domain/ids.ts'
import type { Reader } from '../../../projections/reading/reading.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import { abortableDelay } from '../../abortable-delay.ts'
import { headAnchor, readLogId } from '../../event-store/anchors.ts'
import { subscribeToAppends, wholeAppends } from '../../event-store/appends.ts'
import { countersOf, readerOf } from '../caller.ts'
import type { LiveUpdates, ReadModelPort, Subscriber } from '../ports.ts'
import { isBehind, livePlaceOf, standingOfId, startOfLog, type LivePlace, type LiveProgress } from './event-id.ts'
import { createMessages, frame, heartbeat } from './messages.ts'
import { pauseAfter, stopwatch, throttle, yieldToEventLoop, type Stopwatch } from './throttle.ts'

export interface Broadcaster extends LiveUpdates {
  /** Subscribes to the log. @throws Error where it cannot be read. */
  readonly start: (store: EventStore) => Promise<void>
  readonly connections: () => number
  /** Ends every connection and the subscription. */
  readonly close: () => Promise<void>
}

/** The read models of live updates. Where one is being rebuilt its queries throw, and the batch is tried again. */
export interface LiveReadModels extends Pick<ReadModelPort<Helpdesk>, 'waitFor'> {
  readonly queries: () => Queries<Helpdesk>
}

export interface BroadcasterOptions {
  readonly onError: (error: unknown) => void
  /** In ms; by default 15,000. */
  readonly heartbeatMs?: number
}

interface Client extends Subscriber {
  readonly reader: Reader
  /** The stream of this user, whose events change the counters too. */
  readonly ownStream: StreamName
  progress: LiveProgress
  /** The JSON that was last sent. */
  counters: string
}

const batchSize = 500
/** So few events a page that their messages fit a connection's buffer, however long the subjects are. */
const catchUpPageSize = 100
/** How many clients are served before the event loop runs other work. */
const clientsPerYield = 50
const clientLimit = 5_000
const perPersonLimit = 20
/** A client that catches up must read a page within this time. */
const catchUpPatienceMs = 10_000
/** How often to check, while the read models are behind, whether to stop, in ms. */
const behindCheckMs = 1_000

/**
 * Subscribes to the log behind this server's own read models and sends each client what it may see: a message for each
 * append to such a ticket, one for each of its own notifications, and its counters when they change. What a client missed
 * is read from the log again, so nothing is kept for clients that are not connected.
 */
export const createBroadcaster = (
  readModels: LiveReadModels,
  { onError, heartbeatMs = 15_000 }: BroadcasterOptions,
): Broadcaster => {
  const clients = new Set<Client>()
  const catchingUp = new Set<Client>()
  const withOldCounters = new Set<Client>()
  /** Empty until the log has an event. */
  let logId: LogId = ''
  const { textFor, prepare } = createMessages(readModels.queries, () => logId)
  const { delay, abort } = abortableDelay()
  let store: EventStore | undefined
  let subscription: Subscription | undefined
  let closed = false
  /** All clients have received everything up to here. */
  let place: LivePlace = startOfLog

  const connections = (): number => clients.size + catchingUp.size
  const forget = (client: Client): void => {
    for (const set of [clients, catchingUp, withOldCounters]) set.delete(client)
  }
  const disconnect = (client: Client): void => {
    client.connection.end()
    forget(client)
  }

  const maySend = async (client: Client): Promise<boolean> => {
    if (!client.connection.isClosed() && (await client.isStillSignedIn())) return true
    disconnect(client)
    return false
  }

  const sendCounters = async (client: Client): Promise<void> => {
    const counters = countersOf(readModels.queries(), client.reader)
    const text = JSON.stringify(counters)
    if (text === client.counters || !(await maySend(client))) return
    client.counters = text
    client.connection.write(frame({ progress: client.progress, log: logId }, { event: 'counters', data: counters }))
  }

  const counterUpdates = throttle(async (watch) => {
    let served = 0
    for (const client of withOldCounters) {
      withOldCounters.delete(client)
      await sendCounters(client)
      if (++served % clientsPerYield === 0) await watch.yieldToEventLoop()
    }
  }, onError)

  const sendToAll = async (
    events: readonly StoredEvent[],
    recipients: readonly Client[],
    upTo: LivePlace,
    watch: Stopwatch,
  ): Promise<void> => {
    const batch = prepare(events, place)
    place = upTo
    const streams = new Set(events.map(({ stream }) => stream))
    for (const [n, client] of recipients.entries()) {
      if (n % clientsPerYield === clientsPerYield - 1) await watch.yieldToEventLoop()
      const text = textFor(batch, client.caller, client.progress)
      if (text !== '' && (await maySend(client))) client.connection.write(text)
      if (isBehind(client.progress, upTo)) client.progress = { done: upTo, messages: 0 }
      if (text !== '' || streams.has(client.ownStream)) withOldCounters.add(client)
    }
    if (withOldCounters.size > 0) counterUpdates.request()
  }

  const identify = async (log: EventStore): Promise<void> => {
    if (logId === '') logId = await readLogId(log)
  }

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    const last = events.at(-1)
    if (last === undefined) return
    const upTo = livePlaceOf(last)
    if (store !== undefined) await identify(store)
    while (!closed && !(await readModels.waitFor(upTo.position, behindCheckMs)));
    if (closed) return
    // A client that connects from here on reads these events itself.
    const recipients = [...clients]
    if (recipients.length === 0) {
      place = upTo
      return
    }
    const watch = stopwatch()
    try {
      await sendToAll(events, recipients, upTo, watch)
    } catch (error) {
      // Disconnected clients come back and read from the log what they have not received.
      for (const client of recipients) disconnect(client)
      throw error
    }
    await delay(pauseAfter(watch.spent()))
  }

  /** Reads the log behind `from` for one client, a page at a time, to where all others are; null where it is gone. */
  const catchUp = async (log: EventStore, client: Client, from: LiveProgress): Promise<LiveProgress | null> => {
    let progress = from
    while (isBehind(progress, place)) {
      const page = readable(await log.readLog(progress.done.position, catchUpPageSize)())
      const known = page.filter((event) => comparePositions(event.position, place.position) <= 0)
      const events = known.slice(0, await wholeAppends(log, known))
      const last = events.at(-1)
      if (last === undefined) throw new Error(`the log ends before ${place.position}`)
      if (!(await maySend(client))) return null
      client.connection.write(textFor(prepare(events, progress.done), client.caller, progress))
      if (!(await client.connection.drained(catchUpPatienceMs))) return null
      progress = { done: livePlaceOf(last), messages: 0 }
      await yieldToEventLoop()
    }
    return progress
  }

  const serve = async (log: EventStore, client: Client, after: LiveProgress | null): Promise<void> => {
    const progress = await catchUp(log, client, after ?? { done: place, messages: 0 })
    if (progress === null || client.connection.isClosed() || closed) return disconnect(client)
    catchingUp.delete(client)
    client.progress = progress
    clients.add(client)
    await sendCounters(client)
  }

  const sendHeartbeat = async (client: Client): Promise<void> => {
    client.connection.closeIfStalled()
    if (await maySend(client)) client.connection.write(heartbeat({ progress: client.progress, log: logId }))
  }
  const heartbeats = setInterval(() => {
    for (const client of clients) void sendHeartbeat(client).catch(onError)
  }, heartbeatMs).unref()

  /** Of one person's connections the oldest end, so that a client in a loop cannot take all. */
  const makeRoomFor = (person: PersonId): void => {
    const own = [...clients, ...catchingUp].filter(({ reader }) => reader.id === person)
    for (const client of own.slice(0, Math.max(0, own.length - perPersonLimit + 1))) disconnect(client)
  }

  return {
    connections,
    isOpen: () => store !== undefined && !closed && connections() < clientLimit,
    standingOf: async (id) => {
      try {
        if (store === undefined) return null
        await identify(store)
        return await standingOfId(store, logId, id)
      } catch {
        return null
      }
    },
    connect: (subscriber, after) => {
      const reader = readerOf(subscriber.caller)
      if (reader === null || store === undefined || closed) return subscriber.connection.end()
      makeRoomFor(reader.id)
      const progress = { done: place, messages: 0 }
      const client: Client = { ...subscriber, reader, ownStream: userStream(reader.id), progress, counters: '' }
      catchingUp.add(client)
      client.connection.onClosed(() => forget(client))
      void serve(store, client, after).catch((error: unknown) => {
        onError(error)
        disconnect(client)
      })
    },
    start: async (log) => {
      const head = await headAnchor(log)
      if (head !== null) {
        place = livePlaceOf(head)
        logId = head.log
      }
      store = log
      subscription = subscribeToAppends(log, () => place.position, { batchSize }, onBatch, onError)
    },
    close: async () => {
      closed = true
      clearInterval(heartbeats)
      for (const client of [...clients, ...catchingUp]) disconnect(client)
      abort()
      await counterUpdates.stop()
      await subscription?.stop()
    },
  }
}
