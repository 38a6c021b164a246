import { isLeft } from 'fp-ts/lib/Either.js'
import { anchorAt, logIdOf, type Anchor, type LogId } from '../../domain/event-log/anchor.ts'
import { comparePositions, start } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { sha256 } from '../crypto.ts'

/** @throws UnreadableLog */
export const readLogId = async (store: EventStore): Promise<LogId> => {
  const [first] = readable(await store.readLog(start, 1)())
  return first === undefined ? '' : logIdOf(sha256, first)
}

/** The anchor of the log's last event; null for an empty log. @throws UnreadableLog */
export const headAnchor = async (store: EventStore): Promise<Anchor | null> => {
  const last = readable(await store.eventAt(readable(await store.head()()))())
  return last === null ? null : anchorAt(await readLogId(store), last)
}

/** How an anchor stands in a log. */
export type Standing =
  /** The log has the event at this position: positions up to it mean what they meant. */
  | { readonly tag: 'Same' }
  /** It has the event at another position, as a copy in another store does. */
  | { readonly tag: 'Moved'; readonly anchor: Anchor }
  /** It does not have it: it is another log, an older copy, or one that went on differently. */
  | { readonly tag: 'Missing' }

const matches = (event: StoredEvent | undefined, { hash }: Anchor): event is StoredEvent => event?.hash === hash

/**
 * How an anchor stands in a log. Where the anchor's stream cannot be read now but the log can, and is as long, it counts
 * as the same: its streams are checked when they are loaded. @throws UnreadableLog where not even that can be read.
 */
export const standingOf = async (store: EventStore, anchor: Anchor): Promise<Standing> => {
  const log = await readLogId(store)
  if (log === '') return { tag: 'Missing' }
  const events = await store.readStream(anchor.stream, { from: anchor.version, limit: 1 })()
  if (isLeft(events)) {
    const head = readable(await store.head()())
    return { tag: log === anchor.log && comparePositions(anchor.position, head) <= 0 ? 'Same' : 'Missing' }
  }
  const [event] = events.right
  if (!matches(event, anchor)) return { tag: 'Missing' }
  return log === anchor.log && event.position === anchor.position
    ? { tag: 'Same' }
    : { tag: 'Moved', anchor: anchorAt(log, event) }
}

/**
 * The anchors of another log, in its order, as far as this one has their events: logs have a common beginning or nothing in
 * common. @throws UnreadableLog
 */
export const relocate = async (store: EventStore, anchors: readonly Anchor[]): Promise<readonly Anchor[]> => {
  const log = await readLogId(store)
  const found: Anchor[] = []
  for (const anchor of anchors) {
    const [event] = readable(await store.readStream(anchor.stream, { from: anchor.version, limit: 1 })())
    if (!matches(event, anchor)) return found
    found.push(anchorAt(log, event))
  }
  return found
}
