import type { Database } from 'better-sqlite3'
import type { AccountId, EventId, PersonId, TicketId } from '../../domain/ids.ts'
import { kinds, type Kind, type MailChoice } from '../../domain/notification/kinds.ts'
import type { Reader } from '../reading/reading.ts'
import { accountOfScope, accountScopeOf, type AccountScope } from '../scope.ts'
import { wholeTeam, type Recipient } from './recipients.ts'

/** A notification as the list shows it; `subject` is null once erased. */
export interface Notification {
  /** The id of the first event of the append that it is about. */
  readonly id: EventId
  readonly position: number
  readonly ticket: TicketId
  readonly subject: string | null
  readonly actor: PersonId
  readonly at: string
  /** In the order of `kinds`: the first is shown as its title. */
  readonly kinds: readonly Kind[]
  readonly seen: boolean
}

/** A new notification and its recipient: `reader` may be `wholeTeam`, `account` is undefined for support. */
export interface NewNotification extends Notification {
  readonly account: AccountId | undefined
  readonly reader: Recipient['reader']
}

export interface NotificationQueries {
  /** Newest first, at most `limit`, older than position `before`. */
  readonly page: (reader: Reader, before: number | undefined, limit: number) => readonly Notification[]
  readonly unseen: (reader: Reader) => number
  /** Whether this is a notification of this person's. */
  readonly has: (reader: Reader, id: EventId) => boolean
  /** All that were made by events after `after` and up to `upTo`, in log order; none is `seen`. */
  readonly between: (after: number, upTo: number) => readonly NewNotification[]
  readonly mailChoice: (person: PersonId) => MailChoice
  /** Who was on the team before this position. */
  readonly teamBefore: (position: number) => readonly PersonId[]
}

interface Row extends Omit<Notification, 'kinds' | 'seen'> {
  readonly kinds: number
}

/** The kinds whose bits are set, in their order. */
const kindsOf = (bits: number): readonly Kind[] => kinds.filter((_, bit) => (bits & (1 << bit)) !== 0)

const columns = 'n.scope, n.reader, n.id, n.position, n.ticket, t.subject, n.actor, n.at, n.kinds'

/** A notification's position, by its id in a list; `notifications_by_id` is its index. */
export const positionById = (db: Database) =>
  db
    .prepare<[EventId, AccountScope, Recipient['reader']], number>(
      'SELECT position FROM notifications WHERE id = ? AND scope = ? AND reader = ?',
    )
    .pluck()

export const notificationQueries = (db: Database): NotificationQueries => {
  // the primary keys of notifications and notification_tickets
  const list = db.prepare<[AccountScope, Recipient['reader'], number, number, number], Row>(
    `SELECT ${columns} FROM notifications n JOIN notification_tickets t ON t.ticket = n.ticket
       WHERE n.scope = ? AND n.reader = ? AND n.position < ? AND n.position > ?
     ORDER BY n.position DESC LIMIT ?`,
  )
  // notifications_by_position
  const made = db.prepare<
    [number, number],
    Row & { readonly scope: AccountScope; readonly reader: Recipient['reader'] }
  >(
    `SELECT ${columns} FROM notifications n INDEXED BY notifications_by_position JOIN notification_tickets t ON t.ticket = n.ticket
     WHERE n.position > ? AND n.position <= ? ORDER BY n.position`,
  )
  // the primary key of notifications
  const nthUpTo = db
    .prepare<[AccountScope, Recipient['reader'], number], number>(
      `SELECT nth FROM notifications WHERE scope = ? AND reader = ? AND position <= ? ORDER BY position DESC LIMIT 1`,
    )
    .pluck()
  const mark = db.prepare<[PersonId], number>('SELECT position FROM notification_marks WHERE reader = ?').pluck()
  const joined = db.prepare<[PersonId], number>('SELECT joined FROM notification_team WHERE person = ?').pluck()
  const owned = positionById(db)
  // a small table, read whole
  const team = db
    .prepare<[number], PersonId>('SELECT person FROM notification_team WHERE joined < ? ORDER BY person')
    .pluck()
  const choices = db.prepare<[PersonId], { readonly kind: Kind; readonly mails: number }>(
    'SELECT kind, mails FROM mail_choices WHERE reader = ?',
  )

  /** A person's lists, each with the position after which it is theirs: support sees the team's from joining it on. */
  const listsOf = ({
    id,
    account,
  }: Reader): readonly { readonly reader: Recipient['reader']; readonly from: number }[] => {
    const own = { reader: id, from: 0 }
    const since = account === undefined ? joined.get(id) : undefined
    return since === undefined ? [own] : [own, { reader: wholeTeam, from: since }]
  }
  const unseenIn = (scope: AccountScope, reader: Recipient['reader'], from: number): number =>
    (nthUpTo.get(scope, reader, Number.MAX_SAFE_INTEGER) ?? 0) - (nthUpTo.get(scope, reader, from) ?? 0)
  const seenUpTo = (reader: Reader): number => mark.get(reader.id) ?? 0

  return {
    page: (reader, before = Number.MAX_SAFE_INTEGER, limit) => {
      const scope = accountScopeOf(reader.account)
      const upTo = seenUpTo(reader)
      return listsOf(reader)
        .flatMap((each) => list.all(scope, each.reader, before, each.from, limit))
        .toSorted((a, b) => b.position - a.position)
        .slice(0, limit)
        .map((row) => ({ ...row, kinds: kindsOf(row.kinds), seen: row.position <= upTo }))
    },
    unseen: (reader) => {
      const scope = accountScopeOf(reader.account)
      const upTo = seenUpTo(reader)
      return listsOf(reader).reduce((sum, each) => sum + unseenIn(scope, each.reader, Math.max(upTo, each.from)), 0)
    },
    has: (reader, id) => {
      const scope = accountScopeOf(reader.account)
      return listsOf(reader).some((each) => (owned.get(id, scope, each.reader) ?? 0) > each.from)
    },
    between: (after, upTo) =>
      made.all(after, upTo).map(({ scope, ...row }) => ({
        ...row,
        account: accountOfScope(scope),
        kinds: kindsOf(row.kinds),
        seen: false,
      })),
    mailChoice: (person) => Object.fromEntries(choices.all(person).map(({ kind, mails }) => [kind, mails === 1])),
    teamBefore: (position) => team.all(position),
  }
}
