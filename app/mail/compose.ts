import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { letter } from '../../adapters/mail/mail-template.ts'
import type { OutboxMail } from '../../adapters/mail/outbox.ts'
import type { UnsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import type { EventStore, StoredEvent, StreamRange } from '../../domain/event-log/event-store.ts'
import { ticketStream } from '../../domain/ids.ts'
import type { Delivery, Mail } from '../../domain/mail/mailer.ts'
import type { SeenPerson } from '../../projections/people/people.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'
import type { SendPorts } from './send.ts'

export interface ComposePorts {
  readonly store: EventStore
  readonly models: Pick<ReadModels<Helpdesk>, 'query' | 'ready'>
  /** Without a slash at the end. */
  readonly publicUrl: string
  readonly unsubscribeToken: UnsubscribeTokens['issue']
  /** The id that all mails of a ticket refer to. */
  readonly thread: (ticket: string) => string
}

/** Whoever changed accounts since, or sides, may not know any more what was meant for them. */
const mayStillKnow = (person: SeenPerson, account: string | null): boolean =>
  account === null ? person.role === 'support' : person.role === 'customer' && person.account === account

/** Puts a mail into words, from the events that it tells of and from nothing that came later. */
export const composer =
  ({ store, models, publicUrl, unsubscribeToken, thread }: ComposePorts) =>
  async (mail: OutboxMail): Promise<Either<Delivery, Mail>> => {
    const { ticket, recipient, first, last } = mail
    const read = async (range: StreamRange): Promise<readonly StoredEvent[] | null> => {
      const events = await store.readStream(ticketStream(ticket), range)()
      return events._tag === 'Right' ? events.right : null
    }
    const people = models.query('people')
    if (!models.ready() || people._tag === 'Left') {
      return left({ tag: 'Unreachable', reason: 'the read models are being built' })
    }
    const person = people.right.byIds([recipient]).get(recipient)
    if (person === undefined) return left({ tag: 'Refused', reason: 'the log knows no address of theirs' })
    if (!mayStillKnow(person, mail.account))
      return left({ tag: 'Refused', reason: 'the ticket is not theirs any more' })
    const [opening, append] = [await read({ limit: 1 }), await read({ from: first, limit: last - first + 1 })]
    if (opening === null || append === null) return left({ tag: 'Deferred', reason: `${ticket} cannot be read` })
    const opened = opening.map(readEvent)[0]
    const subject = opened?.type === 'Opened' && opened.personal !== erased ? opened.personal.subject : null
    const events = append.map(readEvent).filter((event): event is RecordedEvent => event !== null)
    return right({
      ...letter({ ticket, subject, kinds: mail.kinds, events, publicUrl }),
      unsubscribe: `${publicUrl}/unsubscribe/${unsubscribeToken({ person: recipient, kinds: mail.kinds })}`,
      messageId: mail.messageId,
      thread: thread(ticket),
      to: { name: person.name, address: person.email },
      at: mail.at,
    })
  }

/** What ended under an earlier turn is not made again: how it ended is answered instead. */
export const unlessSettled =
  (settledBefore: (messageId: string) => Delivery | undefined, compose: SendPorts['compose']): SendPorts['compose'] =>
  async (mail) => {
    const before = settledBefore(mail.messageId)
    return before === undefined ? compose(mail) : left(before)
  }
