import { sealStream } from '../domain/ids.ts'
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

/** As `logPages`, up to the event that seals the log, without it. */
export async function* unsealedPages(
  store: EventStore,
  after: Position,
  size = defaultSize,
): AsyncGenerator<readonly StoredEvent[], undefined> {
  for await (const events of logPages(store, after, size)) {
    const end = events.findIndex(({ stream }) => stream === sealStream)
    if (end < 0) yield events
    else {
      if (end > 0) yield events.slice(0, end)
      return undefined
    }
  }
  return undefined
}

/** As `logPages`, event by event. */
export async function* logAfter(store: EventStore, after: Position): AsyncGenerator<StoredEvent, undefined> {
  for await (const events of logPages(store, after)) yield* events
  return undefined
}

/** As `unsealedPages`, event by event. */
export async function* unsealedLog(store: EventStore, after: Position): AsyncGenerator<StoredEvent, undefined> {
  for await (const events of unsealedPages(store, after)) yield* events
  return undefined
}
