import Sqlite, { type Database } from 'better-sqlite3'
import { comparePositions, earliest, start, type Position } from '../../domain/event-log/envelope.ts'
import { fileInUse } from '../projections/generations.ts'
import { readStatus } from '../projections/status.ts'
import { waitingRoom } from '../projections/position-waiter.ts'

/** How an import goes no faster than a server that works on the same folder can follow. */
export interface Pace {
  /** As a server's own commands wait for its views; resolves at once where nobody follows. */
  readonly caughtUp: (position: Position) => Promise<void>
  /** How many commands may be under way at once, just now. */
  readonly width: () => number
  readonly stop: () => void
}

/** Enough to share syncs, few enough to hold in the hand. */
const alone = 64
/** What a server's customers wait for at most, beside their own. */
const besideServer = 16
/** How often it is looked where the views stand. */
const lookMs = 10
/** Views that have stood still for so long are nobody's, or have all there is. */
const patienceMs = 500

const openViews = (folder: string): Database | null => {
  const file = fileInUse(folder, 'read-models')
  return file === null ? null : new Sqlite(file, { readonly: true, timeout: 10_000 })
}

/** Where the views stand that are furthest behind; the log's start where there are none. */
const standing = (views: Database | null): Position =>
  views === null ? start : earliest(readStatus(views, 0).map(({ position }) => position))

/**
 * A server's commands are answered when its views hold them, behind everything that was appended before: what an import
 * appends faster than they take it is what its customers would wait for. Whether there is such a server is seen by its
 * views moving.
 */
export const paceOf = (folder: string): Pace => {
  let views: Database | null = null
  let [at, movedAt, isFollowed]: [Position, number, boolean] = [start, 0, false]
  const room = waitingRoom(() => at)

  const letGo = (): void => {
    views?.close()
    ;[views, at, movedAt, isFollowed] = [null, start, performance.now(), false]
    room.sendAway()
  }
  /** Rebuilt views are in another file. */
  const beginAnew = (): void => {
    letGo()
    views = openViews(folder)
    at = standing(views)
  }
  const look = (): void => {
    const seen = standing(views)
    if (comparePositions(seen, at) !== 0) {
      ;[at, movedAt, isFollowed] = [seen, performance.now(), true]
      room.call()
    } else if (performance.now() - movedAt > patienceMs) beginAnew()
  }
  /** Views that cannot be read are their server's to make again. */
  const orLetGo = (step: () => void): void => {
    try {
      step()
    } catch {
      letGo()
    }
  }
  orLetGo(beginAnew)
  const looking = setInterval(() => orLetGo(look), lookMs).unref()

  return {
    caughtUp: async (position) => {
      if (isFollowed) await room.waitFor(position, patienceMs)
    },
    width: () => (isFollowed ? besideServer : alone),
    stop: () => {
      clearInterval(looking)
      letGo()
    },
  }
}
