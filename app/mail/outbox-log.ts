import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { outboxIn, type Outbox } from '../../adapters/mail/outbox.ts'
import { openOutboxFile, passesQuickCheck, type OutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { erased, start, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { mailStream } from '../../domain/ids.ts'
import type { Delivery, Mailer } from '../../domain/mail/mailer.ts'
import type { MailEvent } from '../../domain/mail/events.ts'
import { isDamage } from '../../adapters/errors.ts'

/**
 * Where it is recorded which mails are to be sent, which were begun and how they ended, for whichever process sends
 * next. Two implementations: `mail.db` in a data folder, and the stream `mail-outbox` in the event log of a cluster.
 */
export interface OutboxLog {
  readonly outbox: Outbox
  /** The outbox is a copy of what the event log says, and up to date during a term only. */
  readonly isWorkingCopy: boolean
  /**
   * Resumes what the process before recorded. `onLeadershipLost` is called once, when another process turns out to send
   * by now. @throws Error where the log or the outbox cannot be read or written.
   */
  readonly beginTerm: (onLeadershipLost: () => void) => Promise<Term>
  readonly close: () => void
}

/** The time from being elected to send until that ends. */
export interface Term {
  /** The outcome that an earlier term recorded for a mail. Answered once, so that the mail may be tried again later. */
  readonly earlierOutcome: EarlierOutcomes['earlierOutcome']
  /** The same mailer, with each attempt and outcome recorded. */
  readonly recorded: (mailer: Mailer) => Mailer
  /** Gives up writes that are being retried. */
  readonly abort: () => void
  /** Called once nothing is being sent any more. */
  readonly end: () => Promise<void>
}

interface EarlierOutcomes {
  /** The version of the stream's last event; 0 for an empty stream. */
  readonly version: number
  /** The last two mail checkpoints, the later one first. */
  readonly checkpoints: readonly StoredEvent[]
  readonly earlierOutcome: (messageId: string) => Delivery | undefined
}

const deliveryOf = ({ data, personal }: RecordedEvent<Extract<MailEvent, { type: 'MailSettled' }>>): Delivery => {
  switch (data.outcome) {
    case 'taken':
      return { tag: 'Taken' }
    case 'noted':
      return { tag: 'Noted' }
    case 'refused':
      return { tag: 'Refused', reason: (personal === erased ? undefined : personal.reason) ?? 'refused' }
  }
}

const pageSize = 500

/**
 * Reads the stream `mail-outbox` backwards, as far as the mail checkpoint before the last. Empty unless the log is, or was, on a
 * cluster. @throws Error where it cannot be read.
 */
export const readOutboxLog = async (store: EventStore): Promise<EarlierOutcomes> => {
  const checkpoints: StoredEvent[] = []
  const outcomes = new Map<string, Delivery>()
  let version: number | undefined
  for (let from: number | undefined; from !== 0 && checkpoints.length < 2;) {
    const range = { direction: 'backwards', limit: pageSize, ...(from === undefined ? {} : { from }) } as const
    const events = readable(await store.readStream(mailStream, range)())
    version ??= events[0]?.version
    for (const stored of events) {
      if (checkpoints.length === 2) break
      const event = decodeEvent(stored)
      if (event?.type === 'MailsMarked') checkpoints.push(stored)
      // Read backwards, the first outcome is the latest: a dead letter may have been sent after all.
      if (event?.type === 'MailSettled' && !outcomes.has(event.data.messageId)) {
        outcomes.set(event.data.messageId, deliveryOf(event))
      }
    }
    from = (events.at(-1)?.version ?? 1) - 1
  }
  return {
    version: version ?? 0,
    checkpoints,
    earlierOutcome: (messageId) => {
      const delivery = outcomes.get(messageId)
      outcomes.delete(messageId)
      return delivery
    },
  }
}

/** Opens the file of an outbox; null where it is damaged. @throws Error where it cannot be opened for another reason. */
export const openUndamaged = (folder: string, name: OutboxFile): Database | null => {
  let db: Database | undefined
  try {
    db = openOutboxFile(folder, name)
    if (passesQuickCheck(db)) return db
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  db?.close()
  return null
}

/** Uses the outbox in the `mail.db` of a folder; null without one, or where it is damaged. */
const inMailFile = <A>(folder: string, use: (outbox: Outbox) => A): A | null => {
  const db = existsSync(join(folder, 'mail.db')) ? openUndamaged(folder, 'mail.db') : null
  if (db === null) return null
  try {
    return use(outboxIn(db))
  } finally {
    db.close()
  }
}

/** How many mails wait in the `mail.db` of a folder. */
export const waitingMails = (folder: string): number => inMailFile(folder, (outbox) => outbox.counts().waiting) ?? 0

/** What is copied into a folder whose log was empty happened elsewhere: nobody is mailed about it. */
export const forgetEmptyLog = (folder: string): void =>
  void inMailFile(folder, (outbox) => {
    if (outbox.anchors().length === 0 && outbox.position() === start) outbox.moveTo([])
  })
