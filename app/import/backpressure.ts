import Sqlite, { type Database } from 'better-sqlite3'
import { comparePositions, earliest, start, type Position } from '../../domain/event-log/envelope.ts'
import { fileInUse } from '../projections/generations.ts'
import { positionWaiter } from '../projections/position-waiter.ts'
import { checkpointsIn } from '../projections/runner-tables.ts'

/** Keeps an import no faster than a server on the same folder updates its read models. */
export interface Backpressure {
  /** Resolves when the server's read models hold the position, at once where no server updates any. */
  readonly caughtUp: (position: Position) => Promise<void>
  /** How many commands may be under way at once, at present. */
  readonly concurrency: () => number
  readonly stop: () => void
}

/** Enough commands to share syncs, few enough to keep in memory. */
const withoutServer = 64
/** Commands of an import that stand before a customer's own, at most. */
const besideServer = 16
/** Ms between two readings of the checkpoints. */
const pollMs = 10
/** Read models whose checkpoints have not moved for so many ms have no server, or hold all there is. */
const idleMs = 500

const openReadModelsOf = (folder: string): Database | null => {
  const file = fileInUse(folder, 'read-models')
  return file === null ? null : new Sqlite(file, { readonly: true, timeout: 10_000 })
}

/** The checkpoint of the projection that is furthest behind; the log's start where there is none. */
const checkpointOf = (readModels: Database | null): Position =>
  readModels === null ? start : earliest(checkpointsIn(readModels).map(({ position }) => position))

/**
 * A server answers a customer's command when its read models hold it, behind everything that was appended before:
 * events that an import appends faster than the read models apply them delay the answers to customers. A server is
 * known to run by its checkpoints, which change.
 */
export const backpressureOf = (folder: string): Backpressure => {
  let readModels: Database | null = null
  let [checkpoint, movedAt, hasServer]: [Position, number, boolean] = [start, 0, false]
  const waiter = positionWaiter(() => (position) => comparePositions(checkpoint, position) >= 0)

  const release = (): void => {
    readModels?.close()
    ;[readModels, checkpoint, movedAt, hasServer] = [null, start, performance.now(), false]
    waiter.end()
  }
  /** Opens the file that is in use by now: a rebuild makes another. */
  const reopen = (): void => {
    release()
    readModels = openReadModelsOf(folder)
    checkpoint = checkpointOf(readModels)
  }
  const poll = (): void => {
    const present = checkpointOf(readModels)
    if (comparePositions(present, checkpoint) !== 0) {
      ;[checkpoint, movedAt, hasServer] = [present, performance.now(), true]
      waiter.check()
    } else if (performance.now() - movedAt > idleMs) reopen()
  }
  /** Read models that cannot be read are for their server to make again. */
  const orRelease = (step: () => void): void => {
    try {
      step()
    } catch {
      release()
    }
  }
  orRelease(reopen)
  const timer = setInterval(() => orRelease(poll), pollMs).unref()

  return {
    caughtUp: async (position) => {
      if (hasServer) await waiter.waitFor(position, idleMs)
    },
    concurrency: () => (hasServer ? besideServer : withoutServer),
    stop: () => {
      clearInterval(timer)
      release()
    },
  }
}
