import { existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { comparePositions, type Position } from '../../domain/event-log/envelope.ts'
import { applier } from './projection-runner.ts'
import { digestOf } from './digest.ts'
import { NotRebuilt, withDrafts, type Built, type Part, type RebuildPorts } from './rebuild.ts'

export interface Compared {
  readonly name: string
  readonly live: string
  readonly rebuilt: string
  readonly same: boolean
}

interface Checkpoint {
  readonly projection: string
  readonly position: Position
}

const checkpointsOf = (db: Database): ReadonlyMap<string, Position> =>
  new Map(
    db
      .prepare<[], Checkpoint>('SELECT projection, position FROM checkpoints')
      .all()
      .map(({ projection, position }) => [projection, position]),
  )

/** Everything behind `from` up to and with `to`. */
const eventsUpTo = async (store: EventStore, from: Position, to: Position) => {
  const events = await store.readLog(from, 10_000)()
  if (events._tag === 'Left') throw new NotRebuilt(`the log cannot be read: ${events.left.tag}`)
  return events.right.filter(({ position }) => comparePositions(position, to) <= 0)
}

/** A part as it was built, brought to where the live one stands. */
const compareOne = async (store: EventStore, { db: rebuilt, live: file, anew }: Built) => {
  if (!existsSync(file)) throw new NotRebuilt('there are no read models to compare with yet; a server makes them')
  const live = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    // One snapshot for positions and rows alike.
    live.exec('BEGIN')
    const positions = checkpointsOf(live)
    const compared: Compared[] = []
    for (const projection of anew) {
      const { name } = projection
      const to = positions.get(name)
      const { apply, checkpoint } = applier(rebuilt, [projection])
      if (to === undefined || comparePositions(to, checkpoint()) < 0) {
        throw new NotRebuilt(`${name} has not caught up with the log; start a server, or wait`)
      }
      for (;;) {
        const events = await eventsUpTo(store, checkpoint(), to)
        if (events.length === 0) break
        apply(events)
      }
      const digests = { live: digestOf(live, name), rebuilt: digestOf(rebuilt, name) }
      compared.push({ name, ...digests, same: digests.live === digests.rebuilt })
    }
    return compared
  } finally {
    live.close()
  }
}

/**
 * Builds these read models anew and compares them with the live ones as they stand at one moment, whatever is written
 * meanwhile. Nothing is swapped.
 * @throws NotRebuilt as `withDrafts`, and where there is nothing to compare with, or it stands behind the log.
 */
export const compare = (ports: RebuildPorts, parts: readonly Part[]): Promise<readonly Compared[]> =>
  withDrafts(ports, parts, async (built) => {
    const answer: Compared[] = []
    for (const each of built) answer.push(...(await compareOne(ports.store, each)))
    return { publish: false, answer }
  })
