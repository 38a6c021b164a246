import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import { comparePositions, type Position, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import type { Handlers } from '../../projections/projection.ts'

/** A projection while it is fed. */
export interface Fed {
  readonly name: string
  readonly handlers: Handlers
  /** Events up to here have had their effect. */
  at: Position
  /** Streams that it stopped at. */
  skip: ReadonlySet<string>
}

export const feed = (handlers: Handlers, event: RecordedEvent): void => {
  handlers.any?.(event)
  // A handler stands under its own event's type, which the compiler cannot follow through an index.
  const handle = handlers[event.type] as ((event: RecordedEvent) => void) | undefined
  handle?.(event)
}

export const wants = (each: Fed, { stream, position }: StoredEvent): boolean =>
  comparePositions(position, each.at) > 0 && !each.skip.has(stream)

/** The usual way: nothing is caught. Answers the events that this build does not know. */
export const feedAll = (fed: readonly Fed[], events: readonly StoredEvent[]): Position[] => {
  const unknown: Position[] = []
  for (const stored of events) {
    const event = decodeEvent(stored)
    if (event === null) unknown.push(stored.position)
    else for (const each of fed) if (wants(each, stored)) feed(each.handlers, event)
  }
  return unknown
}
