import { left, right } from 'fp-ts/lib/Either.js'
import { listsAreMade, type Reader, type Views } from '../adapters/http/views.ts'
import { invalid } from '../domain/refusal.ts'
import { wholeTeam } from '../projections/notifications/recipients.ts'
import type { Helpdesk } from '../projections/registry.ts'
import type { ReadModels } from './projections/read-models.ts'

/** A reader in the words of the read models. */
export const readerOf = (reader: Reader) => ({
  id: reader.id,
  account: reader.role === 'customer' ? reader.account : undefined,
})

const encode = (position: number): string => Buffer.from(`n${position}`).toString('base64url')

const decodeCursor = (cursor: string): number | null => {
  const position = /^n(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  return position === undefined ? null : Number(position)
}

/** What the HTTP adapter asks of the notifications and of who wants them by mail. */
export const notificationViews = (
  models: ReadModels<Helpdesk>,
): Pick<Views, 'notifications' | 'hasNotification' | 'freshNotifications' | 'accountOf' | 'mailChoice'> => ({
  notifications: (reader, limit, cursor) => {
    if (!models.ready()) return left(listsAreMade)
    const before = cursor === null ? undefined : decodeCursor(cursor)
    if (before === null) return left(invalid('cursor', 'is not one of this list; start without it'))
    const rows = models.queries().notifications.page(readerOf(reader), before, limit + 1)
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return right({ items, next: rows.length > limit && last !== undefined ? encode(last.position) : null })
  },
  hasNotification: (reader, id) => models.queries().notifications.has(readerOf(reader), id),
  freshNotifications: (after, upTo) =>
    models
      .queries()
      .notifications.between(Number(after), Number(upTo))
      .map(({ account, reader, position, ...row }) => ({
        ...row,
        position: String(position),
        account: account ?? null,
        reader: reader === wholeTeam ? null : reader,
      })),
  accountOf: (ticket) => models.queries().tickets.accountOf(ticket) ?? null,
  mailChoice: (person) => models.queries().notifications.mailChoice(person),
})
