import type { Database } from 'better-sqlite3'
import { isMachineTrouble, messageOf } from '../../adapters/errors.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { logIdOf, type LogId } from '../../domain/event-log/anchor.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import {
  comparePositions,
  earliest,
  start,
  type Position,
  type RecordedEvent,
} from '../../domain/event-log/envelope.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { StreamName } from '../../domain/ids.ts'
import { cacheContext, type Cache } from '../../projections/cache/cache.ts'
import type { Handlers, Projection } from '../../projections/projection.ts'
import { checkpointReader, parkedIn, type Checkpoint, type Parked } from './runner-tables.ts'

export interface ProjectionRunner {
  /** Applies a batch in log order; returns what it had to park. @throws what the disk or the file reports. */
  readonly apply: (events: readonly StoredEvent[]) => readonly Parked[]
  /** As `apply`, for as many of the first events as fit about `ms` milliseconds, at least one. */
  readonly applyStep: (events: readonly StoredEvent[], ms: number) => Applied
  /** The position of the projection that is furthest behind; the log's start without projections. */
  readonly checkpoint: () => Position
  /** Of every projection in the file, fed or not. */
  readonly checkpoints: () => readonly Checkpoint[]
  readonly parked: () => readonly Parked[]
  /** Applies a page in a transaction that stays open until `commit`: for a file that nobody reads. */
  readonly applyPage: (events: readonly StoredEvent[]) => void
  readonly commit: () => void
  readonly rollback: () => void
  /** Applies a parked stream from where it stopped up to the checkpoint. It stays parked where it fails again. */
  readonly retry: (parked: Parked, stream: readonly StoredEvent[]) => void
}

export interface Applied {
  /** How many events. */
  readonly count: number
  readonly parked: readonly Parked[]
}

/** A projection and its state while a batch is applied. */
interface Fed {
  readonly name: string
  readonly handlers: Handlers
  readonly caches: Cache
  /** Events up to here were applied. */
  at: Position
  /** Streams that are parked. */
  skip: ReadonlySet<StreamName>
}

const dispatch = (handlers: Handlers, event: RecordedEvent): void => {
  handlers.everyEvent?.(event)
  // The handler under an event's type takes that event, which the compiler cannot follow through an index.
  const handle = handlers[event.type] as ((event: RecordedEvent) => void) | undefined
  handle?.(event)
}

const isNew = ({ at, skip }: Fed, { stream, position }: StoredEvent): boolean =>
  comparePositions(position, at) > 0 && !skip.has(stream)

/** What one transaction did. */
interface Handled {
  readonly count: number
  /** Events of types that this build does not know. */
  readonly unknown: readonly Position[]
}

const readOrError = (stored: StoredEvent): RecordedEvent | Error | null => {
  try {
    return decodeEvent(stored)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/**
 * Applies events to projections, each batch and its checkpoints in one transaction: an event has its effect exactly
 * once, whatever crashes in between. Events at or below a projection's checkpoint are passed over, so a second process
 * on the same file does no harm. `exclusive`: there is no second process.
 */
export const projectionRunner = (
  db: Database,
  projections: readonly Projection<unknown>[],
  exclusive = false,
): ProjectionRunner => {
  const fed = projections.map(({ name, on }): Fed => {
    const caches = cacheContext(db, exclusive)
    return { name, handlers: on(caches), caches, at: start, skip: new Set() }
  })
  const advance = db.prepare(
    'UPDATE checkpoints SET position = ?, rate = ?, passed_over = passed_over + ? WHERE projection = ?',
  )
  const park = db.prepare('INSERT INTO parked (projection, stream, position, reason) VALUES (?, ?, ?, ?)')
  // The log is noted with its first event, and kept.
  const noteApplied = db.prepare<[Position, string, number, string, string, LogId]>(
    `INSERT INTO applied (one, position, stream, version, id, hash, log) VALUES (1, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET position = excluded.position, stream = excluded.stream, version = excluded.version,
       id = excluded.id, hash = excluded.hash, log = iif(excluded.log = '', log, excluded.log)`,
  )
  const checkpoints = checkpointReader(db)
  const unpark = db.prepare('DELETE FROM parked WHERE projection = ? AND stream = ?')
  const inSavepoint = db.transaction(({ handlers, caches }: Fed, event: RecordedEvent): void => {
    dispatch(handlers, event)
    caches.flush()
  })
  const discardCaches = (): void => {
    for (const { caches } of fed) caches.discard()
  }

  /** Another process may have moved the checkpoints: they are read in the transaction that builds on them. */
  const load = (): void => {
    const positions = new Map(checkpoints().map(({ projection, position }) => [projection, position]))
    const parked = Map.groupBy(parkedIn(db), ({ projection }) => projection)
    for (const each of fed) {
      each.at = positions.get(each.name) ?? start
      each.skip = new Set(parked.get(each.name)?.map(({ stream }) => stream))
    }
  }

  /** Until `end` (as of `performance.now`). */
  const applyAll = (events: readonly StoredEvent[], end: number): Handled => {
    const unknown: Position[] = []
    let count = 0
    for (const stored of events) {
      const event = decodeEvent(stored)
      if (event === null) unknown.push(stored.position)
      else for (const each of fed) if (isNew(each, stored)) dispatch(each.handlers, event)
      count++
      if (performance.now() >= end) break
    }
    return { count, unknown }
  }

  const parkStream = (each: Fed, { stream, position }: StoredEvent, error: unknown): Parked => {
    each.caches.discard()
    if (isMachineTrouble(error)) throw error
    const stopped = { projection: each.name, stream, position, reason: messageOf(error).slice(0, 500) }
    park.run(stopped.projection, stream, position, stopped.reason)
    each.skip = new Set([...each.skip, stream])
    return stopped
  }

  /** As `applyAll`, each event in a savepoint: one that cannot be read or applied parks its stream. */
  const applyOrPark = (events: readonly StoredEvent[], end: number, parked: Parked[]): Handled => {
    const unknown: Position[] = []
    let count = 0
    for (const stored of events) {
      const event = readOrError(stored)
      if (event === null) unknown.push(stored.position)
      else {
        for (const each of fed) {
          if (!isNew(each, stored)) continue
          try {
            if (event instanceof Error) throw event
            inSavepoint(each, event)
          } catch (error) {
            parked.push(parkStream(each, stored, error))
          }
        }
      }
      count++
      if (performance.now() >= end) break
    }
    return { count, unknown }
  }

  /** Flushes the caches and moves the checkpoints to the last event. */
  const conclude = (
    { first, last }: { readonly first: StoredEvent; readonly last: StoredEvent },
    events: number,
    unknown: readonly Position[],
    started: number,
  ): void => {
    const rate = Math.round((events * 1000) / Math.max(1, performance.now() - started))
    const { position, stream, version, id, hash } = last
    const log = first.hash !== '' && fed.every(({ at }) => at === start) ? logIdOf(sha256, first) : ''
    let advanced = 0
    for (const { name, at, caches } of fed) {
      caches.flush()
      if (comparePositions(position, at) <= 0) continue
      advanced++
      advance.run(position, rate, unknown.filter((each) => comparePositions(each, at) > 0).length, name)
    }
    if (advanced > 0 && advanced === fed.length) noteApplied.run(position, stream, version, id, hash, log)
  }

  /** Returns how many events were applied. */
  const batch = db.transaction((events: readonly StoredEvent[], ms: number, parked: Parked[] | null): number => {
    const started = performance.now()
    load()
    const end = started + ms
    const { count, unknown } = parked === null ? applyAll(events, end) : applyOrPark(events, end, parked)
    const [first, last] = [events[0], events[count - 1]]
    if (first !== undefined && last !== undefined) conclude({ first, last }, count, unknown, started)
    return count
  })

  /** How long the last flush and commit took, in ms: a step leaves as much of its time for its own. */
  let concluding = 0
  const timedBatch = (events: readonly StoredEvent[], ms: number, parked: Parked[] | null): number => {
    const forEvents = Math.max(ms / 4, ms - concluding)
    const started = performance.now()
    const count = batch.immediate(events, forEvents, parked)
    concluding = Math.max(0, performance.now() - started - forEvents)
    return count
  }
  const applyStep = (events: readonly StoredEvent[], ms: number): Applied => {
    if (events.length === 0) return { count: 0, parked: [] }
    try {
      return { count: timedBatch(events, ms, null), parked: [] }
    } catch (error) {
      discardCaches()
      if (isMachineTrouble(error)) throw error
      const parked: Parked[] = []
      return { count: timedBatch(events, ms, parked), parked }
    }
  }

  /** The pages applied since the last `commit`. */
  let pages: {
    readonly first: StoredEvent
    last: StoredEvent
    events: number
    readonly unknown: Position[]
    readonly started: number
  } | null = null
  const applyPage = (events: readonly StoredEvent[]): void => {
    const [first, last] = [events[0], events.at(-1)]
    if (first === undefined || last === undefined) return
    if (pages === null) {
      db.exec('BEGIN IMMEDIATE')
      load()
      pages = { first, last, events: 0, unknown: [], started: performance.now() }
    }
    for (const position of applyAll(events, Infinity).unknown) pages.unknown.push(position)
    pages.last = last
    pages.events += events.length
  }
  const commit = (): void => {
    if (pages === null) return
    conclude(pages, pages.events, pages.unknown, pages.started)
    db.exec('COMMIT')
    pages = null
  }
  const rollback = (): void => {
    if (db.inTransaction) db.exec('ROLLBACK')
    pages = null
    discardCaches()
  }

  const retry = db.transaction((parked: Parked, stream: readonly StoredEvent[]): void => {
    load()
    const each = fed.find(({ name }) => name === parked.projection)
    if (each === undefined) return
    unpark.run(parked.projection, parked.stream)
    for (const stored of stream) {
      const { position } = stored
      if (comparePositions(position, parked.position) < 0 || comparePositions(position, each.at) > 0) continue
      try {
        const event = decodeEvent(stored)
        if (event !== null) inSavepoint(each, event)
      } catch (error) {
        parkStream(each, stored, error)
        return
      }
    }
  })

  return {
    apply: (events) => applyStep(events, Infinity).parked,
    applyStep,
    checkpoints,
    checkpoint: () => {
      const own = checkpoints().filter(({ projection }) => fed.some(({ name }) => name === projection))
      return earliest(own.map(({ position }) => position))
    },
    parked: () => parkedIn(db),
    applyPage,
    commit,
    rollback,
    retry: (parked, stream) => retry.immediate(parked, stream),
  }
}
