import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOf, type CommandId, type EventId, type PersonId, type TicketId } from '../../domain/ids.ts'
import { kinds, type Kind } from '../../domain/notification/kinds.ts'
import { isTicketEvent } from '../../domain/ticket/events.ts'
import type { CacheContext } from '../cache/cache.ts'
import { latestRowCache } from '../cache/latest-row-cache.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, integer, text, textOf } from '../cache/table.ts'
import type { Handlers, Projection } from '../projection.ts'
import { accountScopeOf, type AccountScope } from '../scope.ts'
import { notificationQueries, positionById, type NotificationQueries } from './queries.ts'
import { recipientsFrom, recipientTables, wholeTeam, type Recipient } from './recipients.ts'

/**
 * Notifications by recipient. Events of one append for one recipient are one row, and what goes to the whole team is
 * one row. `nth` numbers the rows of a list, so that the number of unseen ones is a difference and is never counted.
 */
const notificationRows = defineTable(
  'notifications',
  {
    scope: textOf<AccountScope>(),
    reader: textOf<Recipient['reader']>(),
    position: integer,
    nth: integer,
    id: textOf<EventId>(),
    command: textOf<CommandId>(),
    ticket: textOf<TicketId>(),
    actor: textOf<PersonId>(),
    at: text,
    // a bit for each kind, in the order of `kinds`
    kinds: integer,
  },
  { key: ['scope', 'reader', 'position'] },
)

/** Up to which position each person has seen their notifications. */
const markRows = defineTable(
  'notification_marks',
  { reader: textOf<PersonId>(), position: integer },
  { key: ['reader'] },
)

/** Which kinds each person chose to receive by mail, or not to. */
const mailChoices = defineTable(
  'mail_choices',
  { reader: textOf<PersonId>(), kind: textOf<Kind>(), mails: integer },
  { key: ['reader', 'kind'] },
)

const indexById = 'CREATE INDEX IF NOT EXISTS notifications_by_id ON notifications (id, scope, reader);'

const bitOf = (kind: Kind): number => 1 << kinds.indexOf(kind)

const handlers = (context: CacheContext): Handlers => {
  const { db, exclusive } = context
  const { joinTeam, recipientsOf } = recipientsFrom(context)
  const lists = latestRowCache(context, notificationRows)
  const marks = rowCache(context, markRows)
  const positionOf = positionById(db)
  const forgetChoices = db.prepare('DELETE FROM mail_choices WHERE reader = ?')
  const choose = db.prepare('INSERT INTO mail_choices (reader, kind, mails) VALUES (?, ?, ?)')
  let isIndexed = !exclusive

  const notify = (event: RecordedEvent, { kind, reader, account }: Recipient): void => {
    const scope = accountScopeOf(account)
    const last = lists.get(scope, reader)
    if (last?.command === event.commandId) {
      last.kinds |= bitOf(kind)
      lists.put(last)
      return
    }
    lists.put({
      scope,
      reader,
      position: Number(event.position),
      nth: (last?.nth ?? 0) + 1,
      id: event.id,
      command: event.commandId,
      ticket: ticketOf(event),
      actor: event.actor.id,
      at: event.occurredAt,
      kinds: bitOf(kind),
    })
  }
  const see = (reader: PersonId, position: number): void => {
    const mark = marks.change(reader) ?? marks.add({ reader, position: 0 })
    mark.position = Math.max(mark.position, position)
  }
  /** Reads the table, which in a rebuild has no index before the first such event. */
  const find = (id: EventId, scope: AccountScope, reader: PersonId): number | undefined => {
    lists.flush()
    if (!isIndexed) db.exec(indexById)
    isIndexed = true
    return positionOf.get(id, scope, reader) ?? positionOf.get(id, scope, wholeTeam)
  }
  return {
    everyEvent: (event) => {
      joinTeam(event)
      if (isTicketEvent(event)) for (const recipient of recipientsOf(event)) notify(event, recipient)
    },
    NotificationsSeen: ({ actor, position, data: { upTo } }) => {
      const seenUpTo = upTo === undefined ? Number(position) : find(upTo, accountScopeOf(actor.account), actor.id)
      if (seenUpTo !== undefined) see(actor.id, seenUpTo)
    },
    PreferencesSet: ({ actor, data: { mail } }) => {
      forgetChoices.run(actor.id)
      for (const kind of kinds) if (mail[kind] !== undefined) choose.run(actor.id, kind, mail[kind] ? 1 : 0)
    },
  }
}

export const notifications: Projection<NotificationQueries> = {
  name: 'notifications',
  version: 2,
  tables: recipientTables + notificationRows.sql + markRows.sql + mailChoices.sql,
  indexes: `
    ${indexById}
    CREATE INDEX notifications_by_position ON notifications (position);
  `,
  on: handlers,
  queries: notificationQueries,
}
