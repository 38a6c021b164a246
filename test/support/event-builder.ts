import type { EventStore, SealedEvent, StoredEvent } from '../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { sha256 } from '../../adapters/crypto.ts'
import type { StreamName } from '../../domain/ids.ts'
import { right } from './command-ports.ts'
import { accountId, commandId, personId } from './ids.ts'

const seal = sealEvents(sha256, () => '5a'.repeat(16))
const at = '2026-01-01T00:00:00.000Z'

const commented = (body: string): DomainEvent => ({ type: 'CommentAdded', data: {}, personal: { body } })

/** Sealed comments chained to a head; `command` makes their ids. */
export const sealedAfter = (
  stream: StreamName,
  head: StreamHead,
  command: string,
  bodies: readonly string[],
): readonly SealedEvent[] =>
  seal(
    stream,
    head,
    {
      actor: {
        id: personId('ann'),
        name: 'Ann',
        email: 'ann@acme.example',
        role: 'customer',
        account: accountId('acme'),
      },
      commandId: commandId(command),
      correlationId: 'c',
      fingerprint: 'f',
      occurredAt: at,
      recordedAt: at,
    },
    bodies.map(commented),
  )

/** The head of a stream, as a command handler loads it. */
export const headOf = async (store: EventStore, stream: StreamName): Promise<StreamHead> => {
  const [last] = right(await store.readStream(stream, { direction: 'backwards', limit: 1 })())
  return last === undefined ? emptyStream : { version: last.version, hash: last.hash }
}

/** Loads the head, seals and appends, as one writer does; resolves with any outcome. */
export const write = async (store: EventStore, stream: StreamName, command: string, ...bodies: readonly string[]) => {
  const head = await headOf(store, stream)
  return store.append(stream, head.version, sealedAfter(stream, head, command, bodies))()
}

export const bodiesOf = (events: readonly StoredEvent[]): readonly unknown[] =>
  events.map(({ personal }) => JSON.parse(personal ?? '{}').body)
