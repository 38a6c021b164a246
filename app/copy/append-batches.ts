import type { SealedEvent } from '../../domain/event-log/event-store.ts'

/** Limits of one append that every store accepts: events, and bytes of their texts. */
const maxEvents = 500
const maxBytes = 500_000

const sizeOf = ({ envelope, data, personal }: SealedEvent): number =>
  Buffer.byteLength(envelope) + Buffer.byteLength(data) + Buffer.byteLength(personal)

/** Groups events in log order into batches for one append each: of one stream, without a gap, within the limits. */
export async function* appendBatches(events: AsyncIterable<SealedEvent>): AsyncGenerator<readonly SealedEvent[]> {
  let [batch, bytes]: [SealedEvent[], number] = [[], 0]
  for await (const event of events) {
    const size = sizeOf(event)
    const last = batch.at(-1)
    const continues = last?.stream === event.stream && last.version + 1 === event.version
    if (last !== undefined && (!continues || batch.length >= maxEvents || bytes + size > maxBytes)) {
      yield batch
      ;[batch, bytes] = [[], 0]
    }
    batch.push(event)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
