import type { Database } from 'better-sqlite3'
import type { Position } from '../../domain/event-log/envelope.ts'

/** A stream that a projection stopped at; the others go on (architecture, decision 11). */
export interface Parked {
  readonly projection: string
  readonly stream: string
  /** Of the first event that it could not take. */
  readonly position: Position
  readonly reason: string
}

export const parkedStreams = (db: Database) => {
  const all = db.prepare<[], Parked>('SELECT projection, stream, position, reason FROM parked')
  const put = db.prepare('INSERT INTO parked (projection, stream, position, reason) VALUES (?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM parked WHERE projection = ? AND stream = ?')
  return {
    all: (): readonly Parked[] => all.all(),
    /** The streams that each projection skips, by its name. */
    skipped: (): ReadonlyMap<string, Set<string>> => {
      const streams = new Map<string, Set<string>>()
      for (const { projection, stream } of all.all()) {
        const own = streams.get(projection)
        if (own === undefined) streams.set(projection, new Set([stream]))
        else own.add(stream)
      }
      return streams
    },
    park: ({ projection, stream, position, reason }: Parked): void =>
      void put.run(projection, stream, position, reason),
    unpark: ({ projection, stream }: Parked): void => void remove.run(projection, stream),
  }
}
