import type { Database } from 'better-sqlite3'
import type { StoredEvent } from '../../domain/event-store.ts'
import { comparePositions, type Position, type Recorded } from '../../domain/events/envelope.ts'
import { readEvent } from '../../domain/events/read.ts'
import type { EventType } from '../../domain/events/registry.ts'
import type { Handlers, Projection } from '../../projections/projection.ts'

interface Fed {
  readonly name: string
  readonly handlers: Handlers
}

/** A ticket that a projection stopped at; the others go on (architecture, decision 11). */
export interface Parked {
  readonly projection: string
  readonly stream: string
  readonly position: Position
  readonly reason: string
}

export interface Applied {
  /** Events of types that nobody here knows, passed over. */
  readonly unknown: number
  readonly parked: readonly Parked[]
}

const feed = ({ handlers }: Fed, event: Recorded): void => {
  handlers.any?.(event)
  // The handler stands under its own event's type.
  const handle = handlers[event.type as EventType] as ((event: Recorded) => void) | undefined
  handle?.(event)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500)

/**
 * Feeds events to all projections: each batch and its checkpoint in one transaction, so that an event has its effect
 * once, whatever dies in between. Events at or below the checkpoint are passed over, so a second process does no harm.
 */
export const applier = (db: Database, projections: readonly Projection<unknown>[]) => {
  const fed: readonly Fed[] = projections.map(({ name, on }) => ({ name, handlers: on(db) }))
  const checkpoint = db.prepare<[], string>('SELECT position FROM checkpoints LIMIT 1').pluck()
  const advance = db.prepare('UPDATE checkpoints SET position = ?, rate = ?')
  const allParked = db.prepare<[], Parked>('SELECT projection, stream, position, reason FROM parked')
  const park = db.prepare('INSERT INTO parked (projection, stream, position, reason) VALUES (?, ?, ?, ?)')
  const unpark = db.prepare('DELETE FROM parked WHERE projection = ? AND stream = ?')
  const one = db.transaction((each: Fed, event: Recorded): void => feed(each, event))

  const keyOf = (projection: string, stream: string): string => `${projection} ${stream}`

  /** Feeds one event and parks its ticket where it cannot be taken, undoing what it half did. */
  const feedOrPark = (each: Fed, event: Recorded, skip: Set<string>): Parked | null => {
    if (skip.has(keyOf(each.name, event.stream))) return null
    try {
      one(each, event)
      return null
    } catch (error) {
      const parked = { projection: each.name, stream: event.stream, position: event.position, reason: reasonOf(error) }
      park.run(parked.projection, parked.stream, parked.position, parked.reason)
      skip.add(keyOf(each.name, event.stream))
      return parked
    }
  }

  const run = (events: readonly StoredEvent[], carefully: boolean): Applied => {
    const started = performance.now()
    const at = checkpoint.get() ?? '0'
    const skip = new Set(allParked.all().map(({ projection, stream }) => keyOf(projection, stream)))
    const parked: Parked[] = []
    let [last, unknown] = [at, 0]
    for (const stored of events) {
      if (comparePositions(stored.position, at) <= 0) continue
      last = stored.position
      const event = readEvent(stored)
      if (event === null) {
        unknown++
        continue
      }
      for (const each of fed) {
        if (carefully) {
          const stopped = feedOrPark(each, event, skip)
          if (stopped !== null) parked.push(stopped)
        } else if (skip.size === 0 || !skip.has(keyOf(each.name, event.stream))) feed(each, event)
      }
    }
    if (last !== at) advance.run(last, Math.round((events.length * 1000) / Math.max(1, performance.now() - started)))
    return { unknown, parked }
  }
  const transaction = db.transaction(run)

  return {
    /** Fast first; a batch in which a handler throws is undone and fed again, each event behind a savepoint. */
    apply: (events: readonly StoredEvent[]): Applied => {
      try {
        return transaction.immediate(events, false)
      } catch (error) {
        if (isDamage(error)) throw error
        return transaction.immediate(events, true)
      }
    },
    checkpoint: (): Position => checkpoint.get() ?? '0',
    parked: (): readonly Parked[] => allParked.all(),
    /** Feeds a parked ticket again from where it stopped, up to the checkpoint: after a fix it goes on. */
    retry: db.transaction(({ projection, stream, position }: Parked, events: readonly StoredEvent[]): void => {
      const each = fed.find(({ name }) => name === projection)
      if (each === undefined) return
      unpark.run(projection, stream)
      const at = checkpoint.get() ?? '0'
      const skip = new Set<string>()
      for (const stored of events) {
        if (comparePositions(stored.position, position) < 0 || comparePositions(stored.position, at) > 0) continue
        const event = readEvent(stored)
        if (event !== null) feedOrPark(each, event, skip)
      }
    }),
  }
}

/** The file itself is broken: no event is to blame. */
export const isDamage = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  /^SQLITE_(CORRUPT|NOTADB|IOERR|FULL|CANTOPEN)/.test(String(error.code))
