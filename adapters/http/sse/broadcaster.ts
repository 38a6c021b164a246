import {
  readable,
  type EventStore,
  type Subscription,
  type StoredEvent,
} from '../../../domain/event-log/event-store.ts'
import { comparePositions, start as logStart, type Position } from '../../../domain/event-log/envelope.ts'
import { userStream } from '../../../domain/ids.ts'
import { subscribeToAppends } from '../../event-store/appends.ts'
import { abortableDelay } from '../../abortable-delay.ts'
import { readerOf } from '../persons.ts'
import type { Reader, Views } from '../views.ts'
import { catchUp } from './catch-up.ts'
import { frame, heartbeat, type LastId, type Place } from './frames.ts'
import type { Hub, HubOptions, Listener } from './live.ts'
import { markOf } from './log-identity.ts'
import { paced, restAfter, stopwatch, type Stopwatch } from './throttle.ts'
import { tellings } from './messages.ts'

interface Member extends Listener {
  readonly reader: Reader
  /** Its reader's own stream, whose events move the counters too. */
  readonly own: string
  place: Place
  /** As last told. */
  counters: string
}

const batchSize = 500
/** A turn of the event loop tells so many. */
const turnSize = 50
const membersLimit = 5_000
const perPersonLimit = 20
/** A client that comes back must take what it missed this fast, a page at a time. */
const patienceMs = 10_000
/** While the read models are behind, it is looked so often whether to stop, in ms. */
const lookMs = 1_000

/**
 * Follows the log behind this server's own read models and tells each listener what is theirs: a message for each
 * append to a ticket that they may see, one for each notification of theirs, and their counters when they change. What
 * a listener missed is read from the log again, so nothing is kept for those who are away.
 */
export const createHub = (views: Views, options: HubOptions): Hub => {
  const members = new Set<Member>()
  const joining = new Set<Member>()
  const dirty = new Set<Member>()
  const { textFor, prepare } = tellings(views, () => mark)
  const { delay, abort } = abortableDelay()
  let store: EventStore | undefined
  /** Of the log; empty until it has an event. */
  let mark = ''
  let subscription: Subscription | undefined
  let closed = false
  /** Everything up to here was told to all members. */
  let at: Position = logStart

  const listening = (): number => members.size + joining.size
  const leave = (member: Member): void => {
    for (const each of [members, joining, dirty]) each.delete(member)
  }
  const dismiss = (member: Member): void => {
    member.sink.end()
    leave(member)
  }

  /** Before every message: whoever may not have it any more hears no more. */
  const mayTell = async (member: Member): Promise<boolean> => {
    if (!member.sink.isGone() && (await member.mayStill())) return true
    dismiss(member)
    return false
  }

  const tellCounters = async (member: Member): Promise<void> => {
    const counters = views.counters(member.reader)
    const text = JSON.stringify(counters)
    if (text === member.counters || !(await mayTell(member))) return
    member.counters = text
    member.sink.write(frame({ place: member.place, log: mark }, { event: 'counters', data: counters }))
  }

  const counting = paced(async (watch) => {
    let told = 0
    for (const member of dirty) {
      dirty.delete(member)
      await tellCounters(member)
      if (++told % turnSize === 0) await watch.nextTurn()
    }
  }, options.failed)

  const tellAll = async (
    events: readonly StoredEvent[],
    told: readonly Member[],
    upTo: Position,
    watch: Stopwatch,
  ): Promise<void> => {
    const news = prepare(events, at)
    at = upTo
    const owners = new Set(events.map(({ stream }) => stream))
    for (const [n, member] of told.entries()) {
      if (n % turnSize === turnSize - 1) await watch.nextTurn()
      const text = textFor(news, member.caller, member.place)
      if (text !== '' && (await mayTell(member))) member.sink.write(text)
      if (comparePositions(member.place.done, upTo) < 0) member.place = { done: upTo, beyond: 0 }
      if (text !== '' || owners.has(member.own)) dirty.add(member)
    }
    if (dirty.size > 0) counting.ask()
  }

  /** The mark of a log that was empty is not known before its first event. */
  const marked = async (log: EventStore): Promise<string> => (mark === '' ? (mark = await markOf(log)) : mark)

  const isHere = async ({ place: { done, beyond }, log }: LastId): Promise<boolean | null> => {
    if (store === undefined) return null
    // The very beginning is the same everywhere.
    if (done === logStart && beyond === 0) return true
    if (log !== (await marked(store))) return false
    return comparePositions(done, at) <= 0 || comparePositions(done, readable(await store.head()())) <= 0
  }

  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    const upTo = events.at(-1)?.position ?? at
    if (store !== undefined) await marked(store)
    while (!closed && !(await views.waitFor(upTo, lookMs)));
    if (closed) return
    const watch = stopwatch()
    // Whoever joins from here on reads these events themselves.
    const told = [...members]
    try {
      if (told.length === 0) at = upTo
      else await tellAll(events, told, upTo, watch)
    } catch (error) {
      // Nobody may miss what broke here: they come back and read it from the log.
      for (const member of told) dismiss(member)
      throw error
    }
    await delay(restAfter(watch.spent()))
  }

  const join = async (log: EventStore, member: Member, after: Place | null): Promise<void> => {
    const tell = async (events: readonly StoredEvent[], from: Place): Promise<boolean> => {
      if (!(await mayTell(member))) return false
      member.sink.write(textFor(prepare(events, from.done), member.caller, from))
      return member.sink.drained(patienceMs)
    }
    const place = await catchUp(log, after ?? { done: at, beyond: 0 }, () => at, tell)
    if (place === null || member.sink.isGone() || closed) return dismiss(member)
    joining.delete(member)
    member.place = place
    members.add(member)
    await tellCounters(member)
  }

  const beat = async (member: Member): Promise<void> => {
    member.sink.prod()
    if (await mayTell(member)) member.sink.write(heartbeat({ place: member.place, log: mark }))
  }
  const beating = setInterval(() => {
    for (const member of members) void beat(member).catch(options.failed)
  }, options.heartbeatMs ?? 15_000).unref()

  /** The oldest streams of somebody who opens ever more of them end. */
  const makeRoom = (id: string): void => {
    const own = [...members, ...joining].filter(({ reader }) => reader.id === id)
    for (const member of own.slice(0, Math.max(0, own.length - perPersonLimit + 1))) dismiss(member)
  }

  return {
    listening,
    isOpen: () => store !== undefined && !closed && listening() < membersLimit,
    knows: (id) => isHere(id).catch(() => null),
    join: (listener, after) => {
      const reader = readerOf(listener.caller)
      if (reader === null || store === undefined || closed) return listener.sink.end()
      makeRoom(reader.id)
      const place = { done: at, beyond: 0 }
      const member: Member = { ...listener, reader, own: userStream(reader.id), place, counters: '' }
      joining.add(member)
      listener.sink.onGone(() => leave(member))
      void join(store, member, after).catch((error: unknown) => {
        options.failed(error)
        dismiss(member)
      })
    },
    start: async (log) => {
      at = readable(await log.head()())
      await marked(log)
      store = log
      subscription = subscribeToAppends(log, () => at, { batchSize }, onBatch, options.failed)
    },
    close: async () => {
      closed = true
      clearInterval(beating)
      for (const member of [...members, ...joining]) dismiss(member)
      abort()
      await counting.stop()
      await subscription?.stop()
    },
  }
}
