import { comparePositions, type RecordedEvent } from '../event-log/envelope.ts'
import type { TicketId } from '../ids.ts'

/** A person's own stream, and whether they are support, who are the other side of customers. */
export interface ReadingHistory {
  readonly isSupport: boolean
  readonly events: readonly RecordedEvent[]
}

/**
 * Whether the other side commented on a ticket after what a person has read of it, and after their first sign-in, from the
 * two streams alone. `projections/reading` keeps the same for lists; a test holds them together.
 */
export const isUnread = (
  ticket: TicketId,
  stream: readonly RecordedEvent[],
  { isSupport, events }: ReadingHistory,
): boolean => {
  const signedIn = events.find(({ type }) => type === 'SignedIn')
  const last = stream.findLast(({ type, actor }) => type === 'CommentAdded' && (actor.role === 'support') !== isSupport)
  if (signedIn === undefined || last === undefined) return false
  const read = events.reduce(
    (most, event) =>
      event.type === 'TicketSeen' && event.data.ticket === ticket ? Math.max(most, event.data.version) : most,
    0,
  )
  return comparePositions(last.position, signedIn.position) > 0 && last.version > read
}
