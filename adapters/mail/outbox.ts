import type { Database } from 'better-sqlite3'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { UnsentMails } from '../../domain/mail/mailer.ts'
import { Kind } from '../../domain/notification/kinds.ts'

/** A mail that is to be sent: whom, and of which events of which ticket. */
export interface Intent {
  /** Follows from the events and the recipient, so that one mail is never meant twice. */
  readonly messageId: string
  /** A person's id. */
  readonly recipient: string
  /** The account whose customer they are; null for support. */
  readonly account: string | null
  readonly ticket: string
  /** The versions of the events, in the ticket's stream. */
  readonly first: number
  readonly last: number
  readonly kinds: readonly Kind[]
  /** When it happened, ISO 8601. */
  readonly at: string
}

export type MailState = 'waiting' | 'sending' | 'sent' | 'noted' | 'aside'

export interface OutboxMail extends Intent {
  readonly state: MailState
  /** Begun so far. */
  readonly attempts: number
  /** Ms since 1970. */
  readonly due: number
  /** Why the last attempt came to nothing. */
  readonly reason: string | null
}

export interface Held {
  readonly ticket: string
  /** What stands behind this position is still to be told. */
  readonly after: Position
}

export interface Outbox {
  readonly position: () => Position
  /** Begins to read the log behind this, and forgets all that is not set aside: it is in the log. */
  readonly beginAnew: (after: Position) => void
  /** Nothing that was recorded up to here (ISO 8601) is told. */
  readonly silentUntil: () => string
  readonly silence: (until: string) => void
  /** Keeps what is to be sent and where the log was read up to, both or neither. */
  readonly intend: (intents: readonly Intent[], upTo: Position, held?: readonly Held[]) => void
  readonly held: () => readonly Held[]
  /** Keeps what a held ticket told, and holds it no more. */
  readonly release: (ticket: string, intents: readonly Intent[]) => void
  /** The next mail whose time has come, from now on `sending`, its attempt counted; undefined where there is none. */
  readonly take: (now: number) => OutboxMail | undefined
  /** What became of a mail that was taken. */
  readonly sent: (messageId: string, state: 'sent' | 'noted', now: number) => void
  readonly later: (messageId: string, due: number, reason: string, now: number) => void
  /** Nothing was tried: the attempt does not count. */
  readonly untried: (messageId: string, reason: string, now: number) => void
  readonly setAside: (messageId: string, reason: string, now: number) => void
  /** Mails that were being sent when the process ended: nobody knows how that went, so they wait again. */
  readonly recover: (now: number) => number
  /** Those that wait or are being sent, and those set aside, oldest first. */
  readonly unsent: () => readonly OutboxMail[]
  /** Tries again what was set aside: these, or all. Waiting ones are due at once. Answers how many. */
  readonly retry: (messageIds: readonly string[] | 'all', now: number) => number
  /** Forgets what was sent before a time (ms since 1970). */
  readonly prune: (before: number) => void
  readonly counts: () => UnsentMails
}

interface Row extends Omit<OutboxMail, 'kinds'> {
  readonly kinds: string
}

/** A kind that this version does not know is not told, and keeps nothing from being sent. */
const kindsIn = (text: string): readonly Kind[] => {
  const kinds: unknown = JSON.parse(text)
  return Array.isArray(kinds) ? kinds.filter((kind) => Kind.is(kind)) : []
}

const mailOf = (row: Row): OutboxMail => ({ ...row, kinds: kindsIn(row.kinds) })

const columns =
  'message_id AS messageId, recipient, account, ticket, first, last, kinds, at, state, attempts, due, reason'

/** The outbox in a ledger that `openLedger` opened; `start` is where a new one begins to read the log. */
export const outboxOf = (db: Database, start: Position): Outbox => {
  db.prepare("INSERT INTO place (one, position, silent) VALUES (1, ?, '') ON CONFLICT DO NOTHING").run(start)
  const place = db.prepare<[], { readonly position: Position; readonly silent: string }>(
    'SELECT position, silent FROM place',
  )
  const move = db.prepare('UPDATE place SET position = ?')
  const silence = db.prepare('UPDATE place SET silent = max(silent, ?)')
  const add = db.prepare(
    `INSERT INTO mails (message_id, recipient, account, ticket, first, last, kinds, at, state, due, changed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0) ON CONFLICT DO NOTHING`,
  )
  const hold = db.prepare('INSERT INTO held (ticket, after) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const letGo = db.prepare('DELETE FROM held WHERE ticket = ?')
  const held = db.prepare<[], Held>('SELECT ticket, after FROM held ORDER BY ticket')
  // mails_due, and mails_in_turn: mails of one ticket go to one person in their order
  const due = db.prepare<[number], Row & { readonly nth: number }>(
    `SELECT nth, ${columns} FROM mails m WHERE state = 'waiting' AND due <= ? AND NOT EXISTS (
       SELECT 1 FROM mails e INDEXED BY mails_in_turn
       WHERE e.ticket = m.ticket AND e.recipient = m.recipient AND e.nth < m.nth AND e.state IN ('waiting', 'sending')
     ) ORDER BY due, nth LIMIT 1`,
  )
  const begin = db.prepare("UPDATE mails SET state = 'sending', attempts = attempts + 1, changed = ? WHERE nth = ?")
  const settle = db.prepare('UPDATE mails SET state = ?, reason = NULL, changed = ? WHERE message_id = ?')
  const put = db.prepare(
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
  const forgetAll = db.prepare("DELETE FROM mails WHERE state <> 'aside'")
  const letAllGo = db.prepare('DELETE FROM held')
  const forget = db.prepare("DELETE FROM mails WHERE state IN ('sent', 'noted') AND changed < ?")
  const count = db.prepare<[string], number>('SELECT count(*) FROM mails WHERE state = ?').pluck()

  const addAll = (intents: readonly Intent[]): void => {
    for (const { messageId, recipient, account, ticket, first, last, kinds, at } of intents) {
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
    if (row === undefined) throw new Error('mail.db has lost its place in the log')
    return row
  }
  return {
    position: () => current().position,
    beginAnew: db.transaction((after: Position) => {
      forgetAll.run()
      letAllGo.run()
      move.run(after)
    }),
    silentUntil: () => current().silent,
    silence: (until) => void silence.run(until),
    intend: db.transaction((intents: readonly Intent[], upTo: Position, parked: readonly Held[] = []) => {
      addAll(intents)
      for (const { ticket, after } of parked) hold.run(ticket, after)
      move.run(upTo)
    }),
    held: () => held.all(),
    release: db.transaction((ticket: string, intents: readonly Intent[]) => {
      addAll(intents)
      letGo.run(ticket)
    }),
    take: (now) => (due.get(now) === undefined ? undefined : take.immediate(now)),
    sent: (messageId, state, now) => void settle.run(state, now, messageId),
    later: (messageId, at, reason, now) => void put.run('waiting', at, 0, reason, now, messageId),
    untried: (messageId, reason, now) => void put.run('waiting', now, 1, reason, now, messageId),
    setAside: (messageId, reason, now) => void put.run('aside', 0, 0, reason, now, messageId),
    recover: (now) => recover.run(now).changes,
    unsent: () => unsent.all().map(mailOf),
    retry: (messageIds, now) =>
      messageIds === 'all'
        ? retryAll.run(now, now).changes
        : messageIds.reduce((sum, id) => sum + retryOne.run(now, now, id).changes, 0),
    prune: (before) => void forget.run(before),
    counts: () => ({
      waiting: (count.get('waiting') ?? 0) + (count.get('sending') ?? 0),
      aside: count.get('aside') ?? 0,
    }),
  }
}
