import { appendsOf } from '../../adapters/event-store/appends.ts'
import type { Intent } from '../../adapters/mail/outbox.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Envelope } from '../../domain/event-log/envelope.ts'
import { comesByMail } from '../../domain/notification/kinds.ts'
import { wholeTeam } from '../../projections/notifications/recipients.ts'
import type { NotificationQueries } from '../../projections/notifications/queries.ts'

type Row = ReturnType<NotificationQueries['between']>[number]

interface Ports {
  readonly notifications: Pick<NotificationQueries, 'mailChoice' | 'teamBefore'>
  readonly messageId: (event: string, recipient: string) => string
  /** What was recorded up to here (ISO 8601) is told to nobody. */
  readonly silentUntil: string
}

/** Past happenings that were brought in are no news: imports, and restored exports. */
const isNews = ({ envelope }: StoredEvent, silentUntil: string): boolean => {
  const { imported, recordedAt }: Envelope = JSON.parse(envelope)
  return imported === undefined && recordedAt > silentUntil
}

/**
 * The mails that notifications call for: one for each append and person who wants any of its kinds by mail. `events` are
 * whole appends that hold all that the notifications tell of.
 */
export const intentsOf = (
  rows: readonly Row[],
  events: readonly StoredEvent[],
  { notifications, messageId, silentUntil }: Ports,
): readonly Intent[] => {
  const appends = new Map(appendsOf(events).flatMap((append) => append.map((event) => [event.position, append])))
  return rows.flatMap((row) => {
    const append = appends.get(String(row.position))
    const [first, last] = [append?.[0], append?.at(-1)]
    if (first === undefined || last === undefined) throw new Error(`position ${row.position} is not of this part`)
    if (!isNews(first, silentUntil)) return []
    const readers = row.reader === wholeTeam ? notifications.teamBefore(row.position) : [row.reader]
    return readers
      .filter((reader) => row.kinds.some((kind) => comesByMail(kind, notifications.mailChoice(reader))))
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
