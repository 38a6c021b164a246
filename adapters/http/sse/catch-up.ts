import { readable, type EventStore, type StoredEvent } from '../../../domain/event-log/event-store.ts'
import { comparePositions, type Position } from '../../../domain/event-log/envelope.ts'
import { wholeAppends } from '../../event-store/appends.ts'
import type { Place } from './frames.ts'
import { nextTurn } from './throttle.ts'

/** So few events a page that what they tell fits a listener's buffer, however long the subjects are. */
const pageSize = 100

/**
 * Reads what somebody missed, a page at a time, up to where the others are (`upTo`, which moves meanwhile), and answers
 * where that was; null as soon as `tell` says that there is nobody to tell. @throws Error where the log cannot be read.
 */
export const catchUp = async (
  log: EventStore,
  from: Place,
  upTo: () => Position,
  tell: (events: readonly StoredEvent[], place: Place) => Promise<boolean>,
): Promise<Place | null> => {
  let place = from
  while (comparePositions(place.done, upTo()) < 0) {
    const page = readable(await log.readLog(place.done, pageSize)())
    const known = page.filter(({ position }) => comparePositions(position, upTo()) <= 0)
    const events = known.slice(0, await wholeAppends(log, known))
    const last = events.at(-1)
    if (last === undefined) throw new Error(`the log ends before ${upTo()}`)
    if (!(await tell(events, place))) return null
    place = { done: last.position, beyond: 0 }
    await nextTurn()
  }
  return place
}
