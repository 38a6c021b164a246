import type { Database } from 'better-sqlite3'
import type { Anchor } from '../../domain/event-log/anchor.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import type { AccountId, PersonId, TicketId } from '../../domain/ids.ts'
import type { UnsentMails } from '../../domain/mail/mailer.ts'
import { Kind } from '../../domain/notification/kinds.ts'

/** A mail to be sent: its recipient, and the events of which ticket it is about. */
export interface QueuedMail {
  /** Derived from the events and the recipient, so that the same mail is queued once only. */
  readonly messageId: string
  readonly recipient: PersonId
  /** The account whose customer the recipient is; null for support. */
  readonly account: AccountId | null
  readonly ticket: TicketId
  /** The versions of the first and the last event, in the ticket's stream. */
  readonly first: number
  readonly last: number
  readonly kinds: readonly Kind[]
  /** When the events occurred, ISO 8601. */
  readonly at: string
}

/** `aside`: a dead letter. */
export type MailState = 'waiting' | 'sending' | 'sent' | 'noted' | 'aside'

export interface OutboxMail extends QueuedMail {
  readonly state: MailState
  /** How many attempts were begun. */
  readonly attempts: number
  /** When to try next, in ms since 1970. */
  readonly due: number
  /** Why the last attempt failed. */
  readonly reason: string | null
}

/** A ticket that the notifications read model parked. */
export interface ParkedTicket {
  readonly ticket: TicketId
  /** Mails for its events behind this position are still to be queued. */
  readonly after: Position
}

/** Times (`now`, `due`, `before`) are in ms since 1970. */
export interface Outbox {
  /** How far the log was read. */
  readonly position: () => Position
  /** Events up to which the log was read, in its order, the later the denser; the last one is that at the position. */
  readonly anchors: () => readonly Anchor[]
  /** The `logFileId` of the empty log beside which the file was made; empty where that log had events. */
  readonly besideEmpty: () => string
  /**
   * Replaces the anchors and the parked tickets: the position is that of the last anchor, or the log's start.
   * `besideEmpty` is given where the log is empty.
   */
  readonly moveTo: (anchors: readonly Anchor[], parked?: readonly ParkedTicket[], besideEmpty?: string) => void
  /** Removes all but the dead letters, and sets the position back or forth. */
  readonly restartAt: (anchor: Anchor) => void
  /** No mail is sent for events that were recorded up to here (ISO 8601; empty for none). */
  readonly suppressedUntil: () => string
  /** Moves that time forward, never back. */
  readonly suppressUntil: (time: string) => void
  /** Stores mails and how far the log was read, both or neither. A mail that is there already stays as it is. */
  readonly enqueue: (mails: readonly QueuedMail[], upTo: Anchor, parked?: readonly ParkedTicket[]) => void
  readonly parked: () => readonly ParkedTicket[]
  /** Stores the mails of a parked ticket, and removes it from the parked ones. */
  readonly enqueueParked: (ticket: TicketId, mails: readonly QueuedMail[]) => void
  /** The next mail that is due, now `sending` and its attempt counted; undefined where there is none. */
  readonly takeNext: (now: number) => OutboxMail | undefined
  /** The outcomes of a mail that was taken. */
  readonly markSent: (messageId: string, state: 'sent' | 'noted', now: number) => void
  readonly retryAt: (messageId: string, due: number, reason: string, now: number) => void
  /** Nothing was tried: the attempt does not count. */
  readonly putBack: (messageId: string, reason: string, now: number) => void
  readonly deadLetter: (messageId: string, reason: string, now: number) => void
  /** Mails that were `sending` when the process ended have an unknown outcome: they wait again. Answers how many. */
  readonly recover: (now: number) => number
  /** Those that wait or are being sent, and the dead letters, oldest first. */
  readonly unsent: () => readonly OutboxMail[]
  /** Makes these dead letters, or all, wait again; those that wait are due at once. Answers how many. */
  readonly retry: (messageIds: readonly string[] | 'all', now: number) => number
  /** Removes mails that were sent before a time. */
  readonly prune: (before: number) => void
  readonly counts: () => UnsentMails
}

interface Row extends Omit<OutboxMail, 'kinds'> {
  readonly kinds: string
}

/** A kind that this version does not know is left out, so that it does not block the mail. */
const kindsIn = (text: string): readonly Kind[] => {
  const kinds: unknown = JSON.parse(text)
  return Array.isArray(kinds) ? kinds.filter((kind) => Kind.is(kind)) : []
}

const mailOf = (row: Row): OutboxMail => ({ ...row, kinds: kindsIn(row.kinds) })

const columns =
  'message_id AS messageId, recipient, account, ticket, first, last, kinds, at, state, attempts, due, reason'

/** Of anchors that lie so many batches back by a power of two, only every power of two is kept. */
const denseAnchors = 64

/** The outbox in a file that `openOutboxFile` opened; a new one is at the log's start. `emptyLog` is the id of the log if that is empty. */
export const outboxIn = (db: Database, emptyLog = ''): Outbox => {
  db.prepare("INSERT INTO place (one, position, silent, beside) VALUES (1, ?, '', ?) ON CONFLICT DO NOTHING").run(
    start,
    emptyLog,
  )
  const place = db.prepare<[], { readonly position: Position; readonly silent: string; readonly beside: string }>(
    'SELECT position, silent, beside FROM place',
  )
  const addAnchor = db.prepare('INSERT INTO anchors (log, position, stream, version, hash) VALUES (?, ?, ?, ?, ?)')
  const thinAnchors = db.prepare('DELETE FROM anchors WHERE ? - nth > ? * (nth & -nth)')
  const removeAnchors = db.prepare('DELETE FROM anchors')
  const anchors = db.prepare<[], Anchor>('SELECT log, position, stream, version, hash FROM anchors ORDER BY nth')
  const move = db.prepare('UPDATE place SET position = ?')
  const begun = db.prepare('UPDATE place SET position = ?, beside = ?')
  const suppress = db.prepare('UPDATE place SET silent = max(silent, ?)')
  const add = db.prepare(
    `INSERT INTO mails (message_id, recipient, account, ticket, first, last, kinds, at, state, due, changed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0) ON CONFLICT DO NOTHING`,
  )
  const park = db.prepare('INSERT INTO held (ticket, after) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const unpark = db.prepare('DELETE FROM held WHERE ticket = ?')
  const unparkAll = db.prepare('DELETE FROM held')
  const parked = db.prepare<[], ParkedTicket>('SELECT ticket, after FROM held ORDER BY ticket')
  // mails_due, and mails_in_turn: mails of one ticket go to one person in their order
  const due = db.prepare<[number], Row & { readonly nth: number }>(
    `SELECT nth, ${columns} FROM mails m WHERE state = 'waiting' AND due <= ? AND NOT EXISTS (
       SELECT 1 FROM mails e INDEXED BY mails_in_turn
       WHERE e.ticket = m.ticket AND e.recipient = m.recipient AND e.nth < m.nth AND e.state IN ('waiting', 'sending')
     ) ORDER BY due, nth LIMIT 1`,
  )
  const begin = db.prepare("UPDATE mails SET state = 'sending', attempts = attempts + 1, changed = ? WHERE nth = ?")
  const finish = db.prepare('UPDATE mails SET state = ?, reason = NULL, changed = ? WHERE message_id = ?')
  const postpone = db.prepare(
    `UPDATE mails SET state = ?, due = ?, attempts = attempts - ?, reason = ?, changed = ?
     WHERE message_id = ? AND state = 'sending'`,
  )
  const recover = db.prepare("UPDATE mails SET state = 'waiting', due = ? WHERE state = 'sending'")
  const unsent = db.prepare<[], Row>(
    `SELECT ${columns} FROM mails WHERE state IN ('waiting', 'sending', 'aside') ORDER BY nth`,
  )
  const again = `UPDATE mails SET state = 'waiting', due = ?, attempts = 0, changed = ?
    WHERE state IN ('waiting', 'aside')`
  const retryAll = db.prepare(again)
  const retryOne = db.prepare(`${again} AND message_id = ?`)
  const removeAll = db.prepare("DELETE FROM mails WHERE state <> 'aside'")
  const removeSent = db.prepare("DELETE FROM mails WHERE state IN ('sent', 'noted') AND changed < ?")
  const count = db.prepare<[string], number>('SELECT count(*) FROM mails WHERE state = ?').pluck()

  const reach = ({ log, position, stream, version, hash }: Anchor): void => {
    const { lastInsertRowid } = addAnchor.run(log, position, stream, version, hash)
    thinAnchors.run(lastInsertRowid, denseAnchors)
    move.run(position)
  }
  const parkAll = (tickets: readonly ParkedTicket[]): void => {
    for (const { ticket, after } of tickets) park.run(ticket, after)
  }
  const addAll = (mails: readonly QueuedMail[]): void => {
    for (const { messageId, recipient, account, ticket, first, last, kinds, at } of mails) {
      add.run(messageId, recipient, account, ticket, first, last, JSON.stringify(kinds), at)
    }
  }
  const take = db.transaction((now: number): OutboxMail | undefined => {
    const row = due.get(now)
    if (row === undefined) return undefined
    const { nth, ...mail } = row
    begin.run(now, nth)
    return { ...mailOf(mail), state: 'sending', attempts: mail.attempts + 1 }
  })
  const current = () => {
    const row = place.get()
    if (row === undefined) throw new Error(`${db.name} does not hold how far the log was read`)
    return row
  }
  return {
    position: () => current().position,
    anchors: () => anchors.all(),
    besideEmpty: () => current().beside,
    moveTo: db.transaction((to: readonly Anchor[], parkedThere: readonly ParkedTicket[] = [], besideEmpty = '') => {
      removeAnchors.run()
      unparkAll.run()
      begun.run(start, besideEmpty)
      for (const anchor of to) reach(anchor)
      parkAll(parkedThere)
    }),
    restartAt: db.transaction((anchor: Anchor) => {
      removeAll.run()
      removeAnchors.run()
      unparkAll.run()
      reach(anchor)
    }),
    suppressedUntil: () => current().silent,
    suppressUntil: (time) => void suppress.run(time),
    enqueue: db.transaction((mails: readonly QueuedMail[], upTo: Anchor, parkedNow: readonly ParkedTicket[] = []) => {
      addAll(mails)
      parkAll(parkedNow)
      reach(upTo)
    }),
    parked: () => parked.all(),
    enqueueParked: db.transaction((ticket: TicketId, mails: readonly QueuedMail[]) => {
      addAll(mails)
      unpark.run(ticket)
    }),
    takeNext: (now) => (due.get(now) === undefined ? undefined : take.immediate(now)),
    markSent: (messageId, state, now) => void finish.run(state, now, messageId),
    retryAt: (messageId, at, reason, now) => void postpone.run('waiting', at, 0, reason, now, messageId),
    putBack: (messageId, reason, now) => void postpone.run('waiting', now, 1, reason, now, messageId),
    deadLetter: (messageId, reason, now) => void postpone.run('aside', 0, 0, reason, now, messageId),
    recover: (now) => recover.run(now).changes,
    unsent: () => unsent.all().map(mailOf),
    retry: (messageIds, now) =>
      messageIds === 'all'
        ? retryAll.run(now, now).changes
        : messageIds.reduce((sum, id) => sum + retryOne.run(now, now, id).changes, 0),
    prune: (before) => void removeSent.run(before),
    counts: () => ({
      waiting: (count.get('waiting') ?? 0) + (count.get('sending') ?? 0),
      aside: count.get('aside') ?? 0,
    }),
  }
}
