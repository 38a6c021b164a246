import type { Database } from 'better-sqlite3'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { kinds, type Kind, type MailChoice } from '../../domain/notification/kinds.ts'
import { audience, audienceTables, wholeTeam, type Told } from './recipients.ts'
import { holdNewest } from '../cache/latest-row-cache.ts'
import type { Handlers, Projection } from '../projection.ts'
import type { Reader } from '../reading/reading.ts'
import { holdRows, together } from '../cache/row-cache.ts'
import { accountOfScope, scopeOf } from '../scope.ts'

/** A notification as it stands in the list; `subject` is null once erased. */
export interface Notification {
  /** That of the first event of the append that it tells of. */
  readonly id: string
  readonly position: number
  readonly ticket: string
  readonly subject: string | null
  /** A person's id. */
  readonly actor: string
  readonly at: string
  /** In the order of the contract: the first names it. */
  readonly kinds: readonly Kind[]
  readonly seen: boolean
}

/** A notification that is new, and for whom: `reader` may be the whole team, `account` is that of a customer. */
interface FreshNotification extends Notification {
  readonly account: string | undefined
  readonly reader: string
}

export interface NotificationQueries {
  /** Newest first, up to `limit` of them, behind the one at position `before`. */
  readonly page: (reader: Reader, before: number | undefined, limit: number) => readonly Notification[]
  readonly unseen: (reader: Reader) => number
  /** Whether this is a notification of this person's. */
  readonly has: (reader: Reader, id: string) => boolean
  /** All that were made by events behind `after` and up to `upTo`, in log order; none is `seen`. */
  readonly between: (after: number, upTo: number) => readonly FreshNotification[]
  readonly mailChoice: (person: string) => MailChoice
  /** Who was on the team before this position. */
  readonly teamBefore: (position: number) => readonly string[]
}

interface Row extends Omit<Notification, 'kinds' | 'seen'> {
  readonly kinds: number
}

/** A row as the handlers write it. */
interface Made {
  readonly scope: string
  readonly reader: string
  readonly position: number
  readonly nth: number
  readonly id: string
  readonly command: string
  readonly ticket: string
  readonly actor: string
  readonly at: string
  kinds: number
}

interface Cursor {
  readonly reader: string
  position: number
}

const indexById = 'CREATE INDEX IF NOT EXISTS notifications_by_id ON notifications (id, scope, reader);'

const bitOf = (kind: Kind): number => 1 << kinds.indexOf(kind)
const kindsOf = (bits: number): readonly Kind[] => kinds.filter((kind) => (bits & bitOf(kind)) !== 0)

/**
 * What each person is told. Rows of one append and one person are one notification; what the whole team is told is one
 * row. `nth` counts the rows of a list, so that what is unseen is a difference of two numbers and nobody counts.
 */
const handlers = (db: Database, alone = false): Handlers => {
  const { toldOf, held } = audience(db, alone)
  const lists = holdNewest<Made>(
    db,
    'notifications',
    ['scope', 'reader', 'position'],
    ['nth', 'id', 'command', 'ticket', 'actor', 'at', 'kinds'],
    alone,
  )
  const cursors = holdRows<Cursor>(db, 'notification_cursors', ['reader'], ['position'], alone)
  const placeOf = db
    .prepare<[string, string, string], number>(
      'SELECT position FROM notifications WHERE id = ? AND scope = ? AND reader = ?',
    )
    .pluck()
  const forget = db.prepare('DELETE FROM mail_choices WHERE reader = ?')
  const choose = db.prepare('INSERT INTO mail_choices (reader, kind, mails) VALUES (?, ?, ?)')
  let isIndexed = !alone

  const tell = (event: RecordedEvent, { kind, reader, account }: Told): void => {
    const scope = scopeOf(account)
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
      ticket: ticketOfStream(event.stream) ?? '',
      actor: event.actor.id,
      at: event.occurredAt,
      kinds: bitOf(kind),
    })
  }
  const see = (reader: string, position: number): void => {
    const cursor = cursors.change(reader) ?? cursors.add({ reader, position: 0 })
    cursor.position = Math.max(cursor.position, position)
  }
  /** Where a notification stands: asked of the table, which in a rebuild has no index until somebody asks. */
  const find = (id: string, scope: string, reader: string): number | undefined => {
    lists.settle()
    if (!isIndexed) db.exec(indexById)
    isIndexed = true
    return placeOf.get(id, scope, reader) ?? placeOf.get(id, scope, wholeTeam)
  }
  return {
    ...together(held, lists, cursors),
    any: (event) => {
      for (const told of toldOf(event)) tell(event, told)
    },
    NotificationsSeen: ({ actor, position, data: { upTo } }) => {
      const place = upTo === undefined ? Number(position) : find(upTo, scopeOf(actor.account), actor.id)
      if (place !== undefined) see(actor.id, place)
    },
    PreferencesSet: ({ actor, data: { mail } }) => {
      forget.run(actor.id)
      for (const kind of kinds) if (mail[kind] !== undefined) choose.run(actor.id, kind, mail[kind] ? 1 : 0)
    },
  }
}

const columns = 'n.scope, n.reader, n.id, n.position, n.ticket, t.subject, n.actor, n.at, n.kinds'

const queries = (db: Database): NotificationQueries => {
  // the primary keys of notifications and told_tickets
  const list = db.prepare<[string, string, number, number, number], Row>(
    `SELECT ${columns} FROM notifications n JOIN told_tickets t ON t.ticket = n.ticket
       WHERE n.scope = ? AND n.reader = ? AND n.position < ? AND n.position > ?
     ORDER BY n.position DESC LIMIT ?`,
  )
  // notifications_by_position
  const made = db.prepare<[number, number], Row & { readonly scope: string; readonly reader: string }>(
    `SELECT ${columns} FROM notifications n INDEXED BY notifications_by_position JOIN told_tickets t ON t.ticket = n.ticket
     WHERE n.position > ? AND n.position <= ? ORDER BY n.position`,
  )
  // the primary key of notifications
  const nthUpTo = db
    .prepare<[string, string, number], number>(
      `SELECT nth FROM notifications WHERE scope = ? AND reader = ? AND position <= ? ORDER BY position DESC LIMIT 1`,
    )
    .pluck()
  const cursor = db.prepare<[string], number>('SELECT position FROM notification_cursors WHERE reader = ?').pluck()
  const joined = db.prepare<[string], number>('SELECT joined FROM told_team WHERE person = ?').pluck()
  // notifications_by_id
  const owned = db
    .prepare<[string, string, string], number>(
      'SELECT position FROM notifications WHERE id = ? AND scope = ? AND reader = ?',
    )
    .pluck()
  // a small table, read whole
  const team = db.prepare<[number], string>('SELECT person FROM told_team WHERE joined < ? ORDER BY person').pluck()
  const choices = db.prepare<[string], { readonly kind: Kind; readonly mails: number }>(
    'SELECT kind, mails FROM mail_choices WHERE reader = ?',
  )

  /** The lists that a person reads, each from where it is theirs: support reads the team's from joining it on. */
  const listsOf = ({ id, account }: Reader): readonly { readonly reader: string; readonly from: number }[] => {
    const own = { reader: id, from: 0 }
    const since = account === undefined ? joined.get(id) : undefined
    return since === undefined ? [own] : [own, { reader: wholeTeam, from: since }]
  }
  const unseenIn = (scope: string, reader: string, from: number): number =>
    (nthUpTo.get(scope, reader, Number.MAX_SAFE_INTEGER) ?? 0) - (nthUpTo.get(scope, reader, from) ?? 0)
  const seenUpTo = (reader: Reader): number => cursor.get(reader.id) ?? 0

  return {
    page: (reader, before = Number.MAX_SAFE_INTEGER, limit) => {
      const scope = scopeOf(reader.account)
      const upTo = seenUpTo(reader)
      return listsOf(reader)
        .flatMap((each) => list.all(scope, each.reader, before, each.from, limit))
        .toSorted((a, b) => b.position - a.position)
        .slice(0, limit)
        .map((row) => ({ ...row, kinds: kindsOf(row.kinds), seen: row.position <= upTo }))
    },
    unseen: (reader) => {
      const scope = scopeOf(reader.account)
      const upTo = seenUpTo(reader)
      return listsOf(reader).reduce((sum, each) => sum + unseenIn(scope, each.reader, Math.max(upTo, each.from)), 0)
    },
    has: (reader, id) => {
      const scope = scopeOf(reader.account)
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

export const notifications: Projection<NotificationQueries> = {
  name: 'notifications',
  version: 1,
  tables: `
    ${audienceTables}
    CREATE TABLE notifications (
      scope TEXT NOT NULL, reader TEXT NOT NULL, position INTEGER NOT NULL, nth INTEGER NOT NULL, id TEXT NOT NULL,
      command TEXT NOT NULL, ticket TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL, kinds INTEGER NOT NULL,
      PRIMARY KEY (scope, reader, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notification_cursors (reader TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE mail_choices (
      reader TEXT NOT NULL, kind TEXT NOT NULL, mails INTEGER NOT NULL, PRIMARY KEY (reader, kind)
    ) STRICT, WITHOUT ROWID;
  `,
  indexes: `
    ${indexById}
    CREATE INDEX notifications_by_position ON notifications (position);
  `,
  on: handlers,
  queries,
}
