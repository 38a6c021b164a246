import type { Database } from 'better-sqlite3'
import type { Position } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { parkedStreams } from './parked.ts'

/** As `GET /v1/projections` shows it (rulings, 18). */
export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly position: Position
  /** Age of the oldest event that is not yet in the view; 0 when it has all. */
  readonly lagSeconds: number
  /** Of the last batch. */
  readonly eventsPerSecond: number
  readonly parked: readonly { readonly ticket: string; readonly position: Position; readonly reason: string }[]
}

interface Checkpoint {
  readonly projection: string
  readonly version: number
  readonly position: Position
  readonly rate: number
}

/** Reads each projection's state; `lagSeconds` is the caller's to say, who knows the log. */
export const readStatus = (db: Database, lagSeconds: number): readonly ProjectionStatus[] => {
  const checkpoints = db.prepare<[], Checkpoint>('SELECT projection, version, position, rate FROM checkpoints').all()
  const parked = parkedStreams(db).all()
  return checkpoints.map(({ projection, version, position, rate }) => ({
    name: projection,
    version,
    position,
    lagSeconds,
    eventsPerSecond: rate,
    parked: parked
      .filter((each) => each.projection === projection)
      .map(({ stream, position: at, reason }) => ({ ticket: ticketOfStream(stream) ?? stream, position: at, reason })),
  }))
}

/** Events of types that nobody here knows, passed over by the projection that met most of them. */
export const passedOver = (db: Database): number =>
  db.prepare<[], number>('SELECT coalesce(max(passed_over), 0) FROM checkpoints').pluck().get() ?? 0
