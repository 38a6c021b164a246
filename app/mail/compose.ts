import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { mailTemplate } from '../../adapters/mail/mail-template.ts'
import type { OutboxMail } from '../../adapters/mail/outbox.ts'
import type { UnsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent, StreamRange } from '../../domain/event-log/event-store.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import {
  derivedUuid,
  ticketStream,
  type EventId,
  type PersonId,
  type TicketId,
  type AccountId,
} from '../../domain/ids.ts'
import type { Delivery, Mail } from '../../domain/mail/mailer.ts'
import type { SeenPerson } from '../../projections/people/people.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'

export interface ComposePorts {
  readonly store: EventStore
  readonly models: Pick<ReadModels<Helpdesk>, 'query' | 'ready'>
  /** Without a slash at the end. */
  readonly publicUrl: string
  /** The part after the `@` of every Message-ID. */
  readonly domain: string
  readonly unsubscribeToken: UnsubscribeTokens['issue']
  readonly sha256: Sha256
}

const localPart = (sha256: Sha256, event: EventId, recipient: PersonId): string =>
  `<${derivedUuid(sha256, 'mail', event, recipient)}@`

/** A mail's Message-ID follows from its first event and its recipient, so that the same mail never has two. */
export const messageIdIn =
  (domain: string, sha256: Sha256) =>
  (event: EventId, recipient: PersonId): string =>
    `${localPart(sha256, event, recipient)}${domain}>`

/** Someone who has changed account or role since may no longer know what the mail is about. */
const mayStillKnow = (person: SeenPerson, account: AccountId | null): boolean =>
  account === null ? person.role === 'support' : person.role === 'customer' && person.account === account

const subjectOf = ([event]: readonly (RecordedEvent | null)[]): string | null =>
  event?.type === 'Opened' && event.personal !== erased ? event.personal.subject : null

/**
 * Composes a mail from its events and nothing later, so that its text is the same at each attempt. Left: why it cannot
 * be sent, or not yet.
 */
export const composer = ({ store, models, publicUrl, domain, unsubscribeToken, sha256 }: ComposePorts) => {
  const recipientOf = ({ recipient, account }: OutboxMail): E.Either<Delivery, SeenPerson> => {
    const people = models.query('people')
    if (!models.ready() || E.isLeft(people))
      return E.left({ tag: 'Unreachable', reason: 'the read models are not ready' })
    const person = people.right.byIds([recipient]).get(recipient)
    if (person === undefined) return E.left({ tag: 'Refused', reason: 'the log has no address of the recipient' })
    return mayStillKnow(person, account)
      ? E.right(person)
      : E.left({ tag: 'Refused', reason: 'the recipient may no longer see the ticket' })
  }

  const read = (ticket: TicketId, range: StreamRange): TE.TaskEither<Delivery, readonly StoredEvent[]> =>
    pipe(
      store.readStream(ticketStream(ticket), range),
      TE.mapLeft((): Delivery => ({ tag: 'Deferred', reason: `${ticket} cannot be read` })),
    )

  return (mail: OutboxMail): TE.TaskEither<Delivery, Mail> => {
    const { ticket, recipient, kinds, first, last } = mail
    return pipe(
      TE.fromEither(recipientOf(mail)),
      TE.bindTo('person'),
      TE.bind('opening', () => read(ticket, { limit: 1 })),
      TE.bind('append', () => read(ticket, { from: first, limit: last - first + 1 })),
      TE.filterOrElse(
        ({ append }) => append.some(({ id }) => mail.messageId.startsWith(localPart(sha256, id, recipient))),
        // An older copy of the log was put back, or another one: the same versions are other events.
        (): Delivery => ({ tag: 'Refused', reason: 'the log does not hold the event that the mail is about' }),
      ),
      TE.map(({ person, opening, append }) => ({
        ...mailTemplate({
          ticket,
          subject: subjectOf(opening.map(decodeEvent)),
          kinds,
          events: append.map(decodeEvent).filter((event): event is RecordedEvent => event !== null),
          publicUrl,
        }),
        unsubscribe: `${publicUrl}/unsubscribe/${unsubscribeToken({ person: recipient, kinds })}`,
        messageId: mail.messageId,
        thread: `<${ticket}@${domain}>`,
        to: { name: person.name, address: person.email },
        at: mail.at,
      })),
    )
  }
}
