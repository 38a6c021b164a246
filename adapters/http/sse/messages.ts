import { accountOf, type Principal } from '../../../domain/actor.ts'
import type { Position } from '../../../domain/event-log/envelope.ts'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { ticketOfStream, type AccountId, type TicketId } from '../../../domain/ids.ts'
import { wholeTeam } from '../../../projections/notifications/recipients.ts'
import type { NotificationQueries } from '../../../projections/notifications/queries.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import { appendsOf } from '../../event-store/appends.ts'
import { notificationResponses } from '../caller.ts'
import { isBehind, livePlaceOf, printEventId, type LiveEventId, type LivePlace, type LiveProgress } from './event-id.ts'

type FreshNotification = ReturnType<NotificationQueries['between']>[number]

export interface LiveMessage {
  readonly event: 'ticket' | 'notification' | 'counters'
  readonly data: unknown
}

/** A message in the format of server-sent events (HTML Standard, section 9.2). JSON holds no line break. */
export const frame = (id: LiveEventId, { event, data }: LiveMessage): string =>
  `id: ${printEventId(id)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** A comment, which keeps the connection open, and an id, which moves the client's progress on. */
export const heartbeat = (id: LiveEventId): string => `: \nid: ${printEventId(id)}\n\n`

/** What one append did to a ticket. */
interface Change {
  /** Of its first and its last event. */
  readonly first: Position
  readonly last: LivePlace
  readonly ticket: TicketId
  readonly version: number
  /** The ticket's; undefined for a ticket that the read models do not have. */
  readonly account: AccountId | undefined
}

/** The appends that changed a ticket, in log order. The events are whole appends. */
const changesOf = (
  events: readonly StoredEvent[],
  accountOfTicket: (ticket: TicketId) => AccountId | undefined,
): readonly Change[] =>
  appendsOf(events).flatMap((append): Change[] => {
    const [first, last] = [append[0], append.at(-1)]
    const ticket = first === undefined ? null : ticketOfStream(first.stream)
    return first === undefined || last === undefined || ticket === null
      ? []
      : [
          {
            first: first.position,
            last: livePlaceOf(last),
            ticket,
            version: last.version,
            account: accountOfTicket(ticket),
          },
        ]
  })

const isWithin = (position: number, { first, last }: Change): boolean =>
  position >= Number(first) && position <= Number(last.position)

/** A part of the log with everything that its messages are made of. */
interface Batch {
  readonly after: LivePlace
  readonly changes: readonly Change[]
  /** By `recipientKey`. */
  readonly notifications: ReadonlyMap<string, readonly FreshNotification[]>
  /** The text for everyone who sees the same account and has no notification in it. */
  readonly shared: Map<AccountId | null, string>
}

const recipientKey = (account: AccountId | null, reader: FreshNotification['reader']): string =>
  JSON.stringify([account, reader])

/** Makes the messages for each caller. `log` is the identity of the log that the ids refer to. */
export const createMessages = (queries: () => Queries<Helpdesk>, log: () => string) => {
  const notificationsOf = ({ notifications }: Batch, caller: Principal): readonly FreshNotification[] => {
    const account = accountOf(caller)
    const own = notifications.get(recipientKey(account, caller.id)) ?? []
    return account === null ? [...own, ...(notifications.get(recipientKey(null, wholeTeam)) ?? [])] : own
  }

  const visibleTo = (caller: Principal, { changes }: Batch): readonly Change[] => {
    const account = accountOf(caller)
    return account === null ? changes : changes.filter((change) => change.account === account)
  }

  const framesOf = (
    changes: readonly Change[],
    rows: readonly FreshNotification[],
    caller: Principal,
    from: LiveProgress,
  ): string => {
    const known = rows.length === 0 ? [] : notificationResponses(caller, queries().people, rows)
    const responses = new Map(known.map((each) => [each.id, each]))
    let text = ''
    let { done, messages: skip } = from
    for (const change of changes) {
      if (!isBehind(from, change.last)) continue
      const own = rows.filter(({ position }) => isWithin(position, change))
      const messages: readonly LiveMessage[] = [
        { event: 'ticket', data: { id: change.ticket, version: change.version } },
        ...own.flatMap(({ id }): readonly LiveMessage[] => {
          const data = responses.get(id)
          return data === undefined ? [] : [{ event: 'notification', data }]
        }),
      ]
      for (const [n, message] of messages.entries()) {
        const isLast = n === messages.length - 1
        const progress = isLast ? { done: change.last, messages: 0 } : { done, messages: n + 1 }
        if (n >= skip) text += frame({ progress, log: log() }, message)
      }
      skip = 0
      done = change.last
    }
    return text
  }

  return {
    /** The events are whole appends behind `after`, and the read models hold them. */
    prepare: (events: readonly StoredEvent[], after: LivePlace): Batch => {
      const { tickets, notifications } = queries()
      const changes = changesOf(events, tickets.accountOf)
      const upTo = events.at(-1)?.position ?? after.position
      const fresh = changes.length === 0 ? [] : notifications.between(Number(after.position), Number(upTo))
      return {
        after,
        changes,
        notifications: Map.groupBy(fresh, ({ account, reader }) => recipientKey(account ?? null, reader)),
        shared: new Map(),
      }
    },
    /** The messages of a batch for this caller behind `from`; empty where there is none. */
    textFor: (batch: Batch, caller: Principal, from: LiveProgress): string => {
      const rows = notificationsOf(batch, caller)
      const isShared = rows.length === 0 && from.messages === 0 && from.done.position === batch.after.position
      if (!isShared) return framesOf(visibleTo(caller, batch), rows, caller, from)
      const account = accountOf(caller)
      const known = batch.shared.get(account) ?? framesOf(visibleTo(caller, batch), rows, caller, from)
      batch.shared.set(account, known)
      return known
    },
  }
}
