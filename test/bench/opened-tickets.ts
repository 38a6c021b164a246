import { systemPorts } from '../../app/system.ts'
import type { Customer } from '../../domain/actor.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { ticketStream, type AccountId, type TicketId } from '../../domain/ids.ts'
import { accountId, commandId, personId, ticketId } from '../support/ids.ts'

const seal = sealEvents(systemPorts.sha256, () => '0'.repeat(32))
export const began = Date.parse('2026-01-01T00:00:00.000Z')
const categories = ['technical', 'billing', 'account', 'other'] as const
/** Varies more slowly than the account, so that every account has tickets of each category. */
const categoryOf = (n: number): string => categories[Math.floor(n / 7) % categories.length] ?? 'other'

export const ticketOf = (n: number): TicketId => ticketId(`T-${String(n).padStart(8, '0')}`)
export const accountOf = (n: number, accounts: number): AccountId => accountId(`account-${n % accounts}`)

export const customerOf = (n: number, accounts: number): Customer => {
  const account = accountOf(n, accounts)
  const id = personId(`${account}-person-${n % 3}`)
  return { id, name: `Person ${n % 997}`, email: `${id}@example.com`, role: 'customer', account }
}

/** The event that opens the ticket of this number. */
export const openedBy = (actor: Customer, n: number, text: string): DomainEvent => {
  const category = categoryOf(n)
  return {
    type: 'Opened',
    data: { account: actor.account, category: { id: category, name: category }, author: { id: actor.id } },
    personal: {
      subject: text.slice(0, 60),
      description: text,
      author: { name: actor.name, email: actor.email },
    },
  }
}

/** A log that opens one ticket for each text, a second apart, ticket n in account n modulo `accounts`. */
export function* openedTickets(texts: readonly string[], accounts: number): Generator<StoredEvent> {
  let position = 0
  for (const [n, text] of texts.entries()) {
    const actor = customerOf(n, accounts)
    const at = new Date(began + n * 1_000).toISOString()
    const context = {
      actor,
      commandId: commandId(`c-${n}`),
      correlationId: 'c',
      fingerprint: '',
      occurredAt: at,
      recordedAt: at,
    }
    for (const event of seal(ticketStream(ticketOf(n)), emptyStream, context, [openedBy(actor, n, text)])) {
      yield { ...event, position: positionOf(++position) }
    }
  }
}

/** Continues that log with a comment on each ticket, by its author, with another ticket's text. */
export function* commentsOn(texts: readonly string[], accounts: number): Generator<StoredEvent, undefined> {
  for (const n of texts.keys()) {
    const head = { version: 1, hash: '0'.repeat(64) }
    const at = new Date(began + (texts.length + n) * 1_000).toISOString()
    const context = {
      actor: customerOf(n, accounts),
      commandId: commandId(`d-${n}`),
      correlationId: 'c',
      fingerprint: '',
    }
    const body = texts.at(-1 - n) ?? ''
    const event: DomainEvent = { type: 'CommentAdded', data: {}, personal: { body } }
    const times = { occurredAt: at, recordedAt: at }
    for (const sealed of seal(ticketStream(ticketOf(n)), head, { ...context, ...times }, [event])) {
      yield { ...sealed, position: positionOf(texts.length + n + 1) }
    }
  }
}

/** Splits events into batches, as a subscription delivers them. */
export function* batches<A>(events: Iterable<A>, size = 1_000): Generator<readonly A[]> {
  let batch: A[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
