import { readable, type EventStore } from '../../../domain/event-log/event-store.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { sha256 } from '../../crypto.ts'

/**
 * Tells a log from others and from its copies in other stores, where the same events stand at other positions: 12 hex
 * digits made from its first event and that one's place; empty for an empty log. @throws Error where it cannot be read.
 */
export const markOf = async (log: EventStore): Promise<string> => {
  const [first] = readable(await log.readLog(start, 1)())
  return first === undefined ? '' : sha256(`${first.position} ${first.hash}`).slice(0, 12)
}
