import { readable, type EventStore, type StoredEvent } from '../domain/event-log/event-store.ts'
import type { Position } from '../domain/event-log/envelope.ts'

const defaultSize = 1_000

/** The log after a position, in pages of at most `size`, up to its end at the last read. @throws UnreadableLog */
export async function* logPages(
  store: EventStore,
  after: Position,
  size = defaultSize,
): AsyncGenerator<readonly StoredEvent[], undefined> {
  for (let at = after; ;) {
    const events = readable(await store.readLog(at, size)())
    const last = events.at(-1)
    if (last === undefined) return undefined
    yield events
    at = last.position
  }
}

/** As `logPages`, event by event. */
export async function* logAfter(store: EventStore, after: Position): AsyncGenerator<StoredEvent, undefined> {
  for await (const events of logPages(store, after)) yield* events
  return undefined
}
