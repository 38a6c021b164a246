import { readable, type EventStore, type SealedEvent, type StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { emptyStream, sealEvents, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { fingerprintOf, mailStream } from '../../domain/ids.ts'
import type { MailEvent } from '../../domain/mail/events.ts'
import type { Delivery } from '../../domain/mail/mailer.ts'

export interface FactPorts {
  readonly store: EventStore
  readonly sha256: Sha256
  readonly newSalt: () => string
  readonly newId: () => string
  /** Ms since 1970. */
  readonly now: () => number
  /** Another server wrote: what is known here is old. Called once. */
  readonly onOutrun: () => void
  /** Resolves after so many ms, or at once when stopped. */
  readonly rest: (ms: number) => Promise<void>
  readonly isStopped: () => boolean
}

/** What all servers on one log know of the mails, for the one that sends them now. */
export interface MailFacts {
  /** What stands behind this in the log is still to be looked at. */
  readonly from: Position
  /** How a mail ended under an earlier turn. */
  readonly settledBefore: Told['settledBefore']
  /** Before a mail is handed over; false where another server has the turn by now. */
  readonly begin: (messageId: string) => Promise<boolean>
  readonly settle: (messageId: string, delivery: Delivery) => Promise<void>
  /** Where the last mark stands in the log. */
  readonly marked: () => Position
  /** Says that all told before the last mark is settled. */
  readonly mark: () => Promise<void>
}

/** Another server wrote: the turn is its own. */
class TurnLost extends Error {}

const page = 500
const retryMs = 500

const outcomes = { Taken: 'taken', Noted: 'noted', Refused: 'refused' } as const

const endOf = (event: Extract<MailEvent, { type: 'MailSettled' }>['data'], reason: string): Delivery => {
  switch (event.outcome) {
    case 'taken':
      return { tag: 'Taken' }
    case 'noted':
      return { tag: 'Noted' }
    case 'refused':
      return { tag: 'Refused', reason }
  }
}

/** What the stream says in the end: the last two marks, the later one first, and how mails ended since. */
interface Told {
  readonly head: StreamHead
  readonly marks: readonly Position[]
  /** Told once, so that it may be tried again after. */
  readonly settledBefore: (messageId: string) => Delivery | undefined
}

/** Reads the facts backwards, as far as the mark before the last. @throws Error where they cannot be read. */
export const mailsTold = async (store: EventStore): Promise<Told> => {
  const marks: Position[] = []
  const settled = new Map<string, Delivery>()
  let head: StoredEvent | undefined
  for (let from = Number.MAX_SAFE_INTEGER; from > 0 && marks.length < 2;) {
    const range = { direction: 'backwards', limit: page } as const
    const events = readable(await store.readStream(mailStream, head === undefined ? range : { ...range, from })())
    head ??= events[0]
    for (const stored of events) {
      if (marks.length === 2) break
      const event = decodeEvent(stored)
      if (event?.type === 'MailsMarked') marks.push(stored.position)
      if (event?.type !== 'MailSettled') continue
      const reason = typeof event.personal === 'symbol' ? undefined : event.personal.reason
      // The latest counts: a mail that was set aside may have been sent after.
      if (!settled.has(event.data.messageId)) settled.set(event.data.messageId, endOf(event.data, reason ?? 'refused'))
    }
    from = (events.at(-1)?.version ?? 1) - 1
  }
  return {
    head: head ?? emptyStream,
    marks,
    settledBefore: (messageId) => {
      const delivery = settled.get(messageId)
      settled.delete(messageId)
      return delivery
    },
  }
}

/**
 * Takes up what earlier turns left. Every fact is appended behind the last one known: who lost the turn without knowing
 * finds another's fact there, and sends nothing more. @throws Error where the facts cannot be read or begun.
 */
export const openMailFacts = async (ports: FactPorts): Promise<MailFacts> => {
  const { store, sha256, newSalt, newId, now, onOutrun, rest, isStopped } = ports
  const seal = sealEvents(sha256, newSalt)
  const before = await mailsTold(store)
  let head = before.head
  let writing: Promise<unknown> = Promise.resolve()
  let lost = false

  const sealed = (event: MailEvent): readonly SealedEvent[] => {
    const at = new Date(now()).toISOString()
    const context = { commandId: newId(), correlationId: newId(), fingerprint: fingerprintOf(sha256, event) }
    const actor = { id: 'mailer', name: 'Mailer', email: '', role: 'service' } as const
    return seal(mailStream, head, { ...context, actor, occurredAt: at, recordedAt: at }, [event])
  }

  /** The same bytes again until it is known what became of them. */
  const append = async (event: MailEvent): Promise<Position> => {
    const events = sealed(event)
    for (;;) {
      if (lost) throw new TurnLost('another server sends the mails now')
      const appended = await store.append(mailStream, head.version, events)()
      if (appended._tag === 'Right') {
        head = { version: appended.right.version, hash: events.at(-1)?.hash ?? head.hash }
        return appended.right.position
      }
      if (appended.left.tag === 'WrongExpectedVersion') {
        lost = true
        onOutrun()
      } else if (isStopped()) throw new Error(`what was mailed cannot be recorded: ${appended.left.tag}`)
      else await rest(retryMs)
    }
  }

  const put = (event: MailEvent): Promise<Position> => {
    const mine = writing.then(() => append(event))
    writing = mine.catch(() => undefined)
    return mine
  }
  const mark = (): Promise<Position> => put({ type: 'MailsMarked', data: {}, personal: {} })
  let last = before.marks[0] ?? (await mark())

  return {
    from: before.marks[1] ?? last,
    settledBefore: before.settledBefore,
    begin: async (messageId) => {
      try {
        await put({ type: 'MailBegun', data: { messageId }, personal: {} })
        return true
      } catch {
        return false
      }
    },
    settle: async (messageId, delivery) => {
      if (delivery.tag === 'Deferred' || delivery.tag === 'Unreachable') return
      const personal = delivery.tag === 'Refused' ? { reason: delivery.reason } : {}
      await put({ type: 'MailSettled', data: { messageId, outcome: outcomes[delivery.tag] }, personal })
    },
    marked: () => last,
    mark: async () => {
      last = await mark()
    },
  }
}
