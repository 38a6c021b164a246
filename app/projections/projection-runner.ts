import type { Database } from 'better-sqlite3'
import { messageOf } from '../../adapters/errors.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import {
  comparePositions,
  earliest,
  start,
  type Position,
  type RecordedEvent,
} from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import type { Handlers, Projection } from '../../projections/projection.ts'
import { isMachineTrouble } from './damage.ts'
import { feed, feedAll, wants, type Fed } from './dispatch.ts'
import { parkedStreams, type Parked } from './parked.ts'

export interface Applier {
  /** Feeds a batch in log order; answers what it had to park. @throws what the disk or the file says. */
  readonly apply: (events: readonly StoredEvent[]) => readonly Parked[]
  /** Where the projection stands that is furthest behind. */
  readonly checkpoint: () => Position
  readonly parked: () => readonly Parked[]
  /** Feeds pages of one long transaction, which `flush` commits and `undo` takes back: for a file that nobody reads. */
  readonly take: (events: readonly StoredEvent[]) => void
  readonly flush: () => void
  readonly undo: () => void
  /** Feeds a parked stream again from where it stopped, up to the checkpoint: after a fix it goes on. */
  readonly retry: (parked: Parked, stream: readonly StoredEvent[]) => void
}

interface Checkpoint {
  readonly projection: string
  readonly position: Position
}

const readOrError = (stored: StoredEvent): RecordedEvent | Error | null => {
  try {
    return decodeEvent(stored)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const reasonOf = (error: unknown): string => messageOf(error).slice(0, 500)

/**
 * Feeds events to all projections: each batch and the checkpoints in one transaction, so that an event has its effect
 * once, whatever dies in between. Events at or below a projection's checkpoint are passed over, so that one which
 * starts anew catches up alone, and a second process does no harm. `alone`: there is no second process.
 */
export const applier = (db: Database, projections: readonly Projection<unknown>[], alone = false): Applier => {
  const fed: readonly Fed[] = projections.map(({ name, on }) => ({
    name,
    handlers: on(db, alone),
    at: start,
    skip: new Set<string>(),
  }))
  const checkpoints = db.prepare<[], Checkpoint>('SELECT projection, position FROM checkpoints')
  const advance = db.prepare(
    'UPDATE checkpoints SET position = ?, rate = ?, passed_over = passed_over + ? WHERE projection = ?',
  )
  const { all: allParked, skipped, park, unpark } = parkedStreams(db)
  const behindSavepoint = db.transaction((handlers: Handlers, event: RecordedEvent): void => {
    feed(handlers, event)
    handlers.settle?.()
  })
  const forget = (): void => {
    for (const { handlers } of fed) handlers.forget?.()
  }

  /** Another process may have moved them: they are read in the transaction that builds on them. */
  const load = (): void => {
    const positions = new Map(checkpoints.all().map(({ projection, position }) => [projection, position]))
    const streams = skipped()
    for (const each of fed) {
      each.at = positions.get(each.name) ?? start
      each.skip = streams.get(each.name) ?? new Set()
    }
  }

  const stopAt = (each: Fed, { stream, position }: StoredEvent, error: unknown): Parked => {
    each.handlers.forget?.()
    if (isMachineTrouble(error)) throw error
    const stopped = { projection: each.name, stream, position, reason: reasonOf(error) }
    park(stopped)
    each.skip = new Set([...each.skip, stream])
    return stopped
  }

  /** Each event behind a savepoint: what cannot be read or taken parks its stream. */
  const careful = (events: readonly StoredEvent[], parked: Parked[]): Position[] => {
    const unknown: Position[] = []
    for (const stored of events) {
      const event = readOrError(stored)
      if (event === null) {
        unknown.push(stored.position)
        continue
      }
      for (const each of fed) {
        if (!wants(each, stored)) continue
        try {
          if (event instanceof Error) throw event
          behindSavepoint(each.handlers, event)
        } catch (error) {
          parked.push(stopAt(each, stored, error))
        }
      }
    }
    return unknown
  }

  /** Writes what the handlers hold, and moves the checkpoints behind the last event. */
  const conclude = (last: Position, events: number, unknown: readonly Position[], started: number): void => {
    const rate = Math.round((events * 1000) / Math.max(1, performance.now() - started))
    for (const { name, at, handlers } of fed) {
      handlers.settle?.()
      if (comparePositions(last, at) <= 0) continue
      advance.run(last, rate, unknown.filter((position) => comparePositions(position, at) > 0).length, name)
    }
  }

  const batch = db.transaction((events: readonly StoredEvent[], parked: Parked[] | null): void => {
    const last = events.at(-1)?.position
    if (last === undefined) return
    const started = performance.now()
    load()
    const unknown = parked === null ? feedAll(fed, events) : careful(events, parked)
    conclude(last, events.length, unknown, started)
  })

  /** Pages that share one transaction, until `flush` ends it. */
  let run: { last: Position; events: number; readonly unknown: Position[]; readonly started: number } | null = null
  const take = (events: readonly StoredEvent[]): void => {
    const last = events.at(-1)?.position
    if (last === undefined) return
    if (run === null) {
      db.exec('BEGIN IMMEDIATE')
      load()
      run = { last, events: 0, unknown: [], started: performance.now() }
    }
    for (const position of feedAll(fed, events)) run.unknown.push(position)
    run.last = last
    run.events += events.length
  }
  const flush = (): void => {
    if (run === null) return
    conclude(run.last, run.events, run.unknown, run.started)
    db.exec('COMMIT')
    run = null
  }
  const undo = (): void => {
    if (db.inTransaction) db.exec('ROLLBACK')
    run = null
    forget()
  }

  const again = db.transaction((parked: Parked, stream: readonly StoredEvent[]): void => {
    load()
    const each = fed.find(({ name }) => name === parked.projection)
    if (each === undefined) return
    unpark(parked)
    for (const stored of stream) {
      if (comparePositions(stored.position, parked.position) < 0 || comparePositions(stored.position, each.at) > 0) {
        continue
      }
      try {
        const event = decodeEvent(stored)
        if (event !== null) behindSavepoint(each.handlers, event)
      } catch (error) {
        stopAt(each, stored, error)
        return
      }
    }
  })

  return {
    apply: (events) => {
      try {
        batch.immediate(events, null)
        return []
      } catch (error) {
        forget()
        if (isMachineTrouble(error)) throw error
        const parked: Parked[] = []
        batch.immediate(events, parked)
        return parked
      }
    },
    checkpoint: () => {
      const own = checkpoints.all().filter(({ projection }) => fed.some(({ name }) => name === projection))
      return earliest(own.map(({ position }) => position))
    },
    parked: allParked,
    take,
    flush,
    undo,
    retry: (parked, stream) => again.immediate(parked, stream),
  }
}
