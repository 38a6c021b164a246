import type { Principal } from '../../../domain/actor.ts'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { comparePositions, type Position } from '../../../domain/event-log/envelope.ts'
import { notificationAnswers } from '../notification-answers.ts'
import { accountOf } from '../persons.ts'
import type { FreshNotification, Views } from '../views.ts'
import { changesOf, frame, isWithin, type Change, type Message, type Place } from './frames.ts'

/** A part of the log as it is told: what changed, and who is told of it. */
interface News {
  readonly after: Position
  readonly changes: readonly (Change & { readonly account: string | null })[]
  /** By `keyOf` of whom they are for. */
  readonly fresh: ReadonlyMap<string, readonly FreshNotification[]>
  /** The words for all who see the same account and were told of nothing for themselves. */
  readonly shared: Map<string | null, string>
}

const keyOf = (account: string | null, reader: string | null): string => JSON.stringify([account, reader])

/** Puts what happened into the words that each listener may hear. `log` is the one that it happened in (`markOf`). */
export const tellings = (views: Pick<Views, 'accountOf' | 'freshNotifications' | 'names'>, log: () => string) => {
  const freshFor = ({ fresh }: News, caller: Principal): readonly FreshNotification[] => {
    const account = accountOf(caller)
    const own = fresh.get(keyOf(account, caller.id)) ?? []
    return account === null ? [...own, ...(fresh.get(keyOf(null, null)) ?? [])] : own
  }

  const visible = ({ changes }: News, caller: Principal): News['changes'] => {
    const account = accountOf(caller)
    return account === null ? changes : changes.filter((change) => change.account === account)
  }

  const written = (
    changes: readonly Change[],
    rows: readonly FreshNotification[],
    caller: Principal,
    from: Place,
  ): string => {
    let text = ''
    let { done, beyond: skip } = from
    for (const change of changes) {
      if (comparePositions(change.last, from.done) <= 0) continue
      const own = rows.filter(({ position }) => isWithin(position, change))
      const messages: readonly Message[] = [
        { event: 'ticket', data: { id: change.ticket, version: change.version } },
        ...notificationAnswers(views, caller, own).map((data): Message => ({ event: 'notification', data })),
      ]
      for (const [n, message] of messages.entries()) {
        const isLast = n === messages.length - 1
        const place = isLast ? { done: change.last, beyond: 0 } : { done, beyond: n + 1 }
        if (n >= skip) text += frame({ place, log: log() }, message)
      }
      skip = 0
      done = change.last
    }
    return text
  }

  return {
    /** The events are whole appends behind `after`, and in the read models. */
    prepare: (events: readonly StoredEvent[], after: Position): News => {
      const changes = changesOf(events).map((change) => ({ ...change, account: views.accountOf(change.ticket) }))
      const rows = changes.length === 0 ? [] : views.freshNotifications(after, events.at(-1)?.position ?? after)
      const fresh = Map.groupBy(rows, ({ account, reader }) => keyOf(account, reader))
      return { after, changes, fresh, shared: new Map() }
    },
    /** What this caller may hear of it behind `from`; empty where that is nothing. */
    textFor: (news: News, caller: Principal, from: Place): string => {
      const rows = freshFor(news, caller)
      const isShared = rows.length === 0 && from.beyond === 0 && from.done === news.after
      if (!isShared) return written(visible(news, caller), rows, caller, from)
      const account = accountOf(caller)
      const known = news.shared.get(account) ?? written(visible(news, caller), rows, caller, from)
      news.shared.set(account, known)
      return known
    },
  }
}
