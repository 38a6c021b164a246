import type { SealedEvent } from '../../domain/event-log/event-store.ts'

/** Limits of one append that every store takes: events, and bytes of their texts. */
const mostEvents = 500
const mostBytes = 500_000

const sizeOf = ({ envelope, data, personal }: SealedEvent): number =>
  Buffer.byteLength(envelope) + Buffer.byteLength(data) + Buffer.byteLength(personal)

/** Cuts events in log order into runs that may be one append each: of one stream, without a gap, not too large. */
export async function* inRuns(events: AsyncIterable<SealedEvent>): AsyncGenerator<readonly SealedEvent[]> {
  let [run, bytes]: [SealedEvent[], number] = [[], 0]
  for await (const event of events) {
    const size = sizeOf(event)
    const last = run.at(-1)
    const goesOn = last?.stream === event.stream && last.version + 1 === event.version
    if (last !== undefined && (!goesOn || run.length >= mostEvents || bytes + size > mostBytes)) {
      yield run
      ;[run, bytes] = [[], 0]
    }
    run.push(event)
    bytes += size
  }
  if (run.length > 0) yield run
}
