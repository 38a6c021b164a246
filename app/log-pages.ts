import { readable, type EventStore, type StoredEvent } from '../domain/event-log/event-store.ts'
import type { Position } from '../domain/event-log/envelope.ts'

const pageSize = 1_000

/** The log behind a position to its present end, in its order, in pages of at most `size`. @throws UnreadableLog. */
export async function* logPages(
  store: EventStore,
  after: Position,
  size = pageSize,
): AsyncGenerator<readonly StoredEvent[], undefined> {
  for (let at = after; ;) {
    const events = readable(await store.readLog(at, size)())
    const last = events.at(-1)
    if (last === undefined) return undefined
    yield events
    at = last.position
  }
}

/** The same, event by event. */
export async function* logAfter(store: EventStore, after: Position): AsyncGenerator<StoredEvent, undefined> {
  for await (const events of logPages(store, after)) yield* events
  return undefined
}
