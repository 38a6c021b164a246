import type { Database } from 'better-sqlite3'
import type { EventStore, Following, StoredEvent } from '../../domain/event-store.ts'
import { comparePositions, type Envelope, type Position } from '../../domain/events/envelope.ts'
import type { Projection } from '../../projections/projection.ts'
import { applier, isDamage } from './apply.ts'
import { openReadModelFile, removeReadModelFile } from './database.ts'
import { readStatus, type ProjectionStatus } from './status.ts'

type Queries<M> = { readonly [K in keyof M]: M[K] extends Projection<infer Q> ? Q : never }

export interface ReadModels<M> {
  /** The queries of the file in use; ask for them each time, since a damaged file is replaced. */
  readonly queries: () => Queries<M>
  readonly checkpoint: () => Position
  readonly status: () => readonly ProjectionStatus[]
  /** Events of unknown types that were passed over since the start. */
  readonly unknownEvents: () => number
  /** True once the position is reached; false when the time is up first. */
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  /** Whether the views hold what the log held when they were started or made again. */
  readonly ready: () => boolean
  /** Catches up with the log, then goes on following it. Resolves when caught up. */
  readonly start: (store: EventStore) => Promise<void>
  /** A query met a damaged file: it is replaced and made again from the log. False where the error is another. */
  readonly remakeIfDamaged: (error: unknown) => boolean
  readonly close: () => Promise<void>
}

/** What the runner has to say. */
export interface ReadModelLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

const batchSize = 1_000
/** When the last event of a full batch was recorded: behind it there are more. */
const recordedAt = (event: StoredEvent | undefined): number => {
  const envelope: Partial<Envelope> = JSON.parse(event?.envelope ?? '{}')
  return Date.parse(envelope.recordedAt ?? '') || 0
}

/** Waits between two attempts after the runner failed, in ms. */
const restartMs = 1_000

/**
 * Opens the read models of a folder. The file is made again from the log when it is missing, damaged or of another
 * version; a handler that throws parks its ticket alone.
 */
export const openReadModels = <M extends Readonly<Record<string, Projection<unknown>>>>(
  models: M,
  { folder, log: say, now }: { readonly folder: string; readonly log: ReadModelLog; readonly now: () => number },
): ReadModels<M> => {
  const projections = Object.values(models)
  const onRemade = (reason: string): void => say.info({ reason }, 'the read models are made again from the log')

  const use = (db: Database) => ({
    db,
    apply: applier(db, projections),
    queries: Object.fromEntries(Object.entries(models).map(([key, model]) => [key, model.queries(db)])) as Queries<M>,
  })
  let current = use(openReadModelFile(folder, projections, onRemade))
  const waiting = new Set<{ readonly position: Position; readonly resolve: (reached: boolean) => void }>()
  let [unknown, behindSince] = [0, 0]
  let following: Following | undefined
  let store: EventStore | undefined
  let [closed, ready] = [false, false]

  const reached = (position: Position): boolean => comparePositions(current.apply.checkpoint(), position) >= 0

  const wake = (): void => {
    const at = current.apply.checkpoint()
    for (const waiter of waiting) {
      if (comparePositions(at, waiter.position) < 0) continue
      waiting.delete(waiter)
      waiter.resolve(true)
    }
  }

  const apply = (events: readonly StoredEvent[]): void => {
    const applied = current.apply.apply(events)
    unknown += applied.unknown
    behindSince = events.length < batchSize ? 0 : recordedAt(events.at(-1))
    for (const parked of applied.parked) say.error(parked, 'a projection parked a ticket')
    wake()
  }

  const retryParked = async (store: EventStore): Promise<void> => {
    for (const parked of current.apply.parked()) {
      const events = await store.readStream(parked.stream)()
      if (events._tag === 'Right') current.apply.retry.immediate(parked, events.right)
    }
  }

  const follow = (store: EventStore): void => {
    following = store.follow(
      current.apply.checkpoint(),
      { batchSize },
      async (events) => apply(events),
      (error) => void recover(store, error),
    )
  }

  const remake = (error: unknown): boolean => {
    if (!isDamage(error)) return false
    ready = false
    current.db.close()
    removeReadModelFile(folder)
    current = use(openReadModelFile(folder, projections, onRemade))
    onRemade(error instanceof Error ? error.message : String(error))
    return true
  }

  /** Waits until everything is in the views that the log held when asked. */
  const catchUp = async (log: EventStore): Promise<void> => {
    const head = await log.head()()
    while (!closed && head._tag === 'Right' && !(await waitFor(head.right, 10_000))) {
      say.info({ at: current.apply.checkpoint(), of: head.right }, 'the read models are catching up')
    }
    ready = true
  }

  /** A damaged file is replaced by a new one; anything else is tried again after a while. */
  const recover = async (store: EventStore, error: unknown): Promise<void> => {
    say.error({ err: error }, 'the read models stopped')
    if (closed) return
    remake(error)
    await new Promise((resolve) => setTimeout(resolve, restartMs).unref())
    if (closed) return
    follow(store)
    await catchUp(store)
  }

  /** Reads the log again from the new file's checkpoint. */
  const restart = async (): Promise<void> => {
    await following?.stop()
    if (closed || store === undefined) return
    follow(store)
    await catchUp(store)
  }

  const waitFor: ReadModels<M>['waitFor'] = (position, ms) => {
    if (reached(position)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter = {
        position,
        resolve: (reached: boolean) => {
          clearTimeout(timer)
          resolve(reached)
        },
      }
      const timer = setTimeout(() => {
        waiting.delete(waiter)
        resolve(false)
      }, ms)
      waiting.add(waiter)
    })
  }

  return {
    queries: () => current.queries,
    checkpoint: () => current.apply.checkpoint(),
    unknownEvents: () => unknown,
    waitFor,
    status: () => readStatus(current.db, behindSince === 0 ? 0 : Math.max(0, (now() - behindSince) / 1000)),
    ready: () => ready,
    start: async (log) => {
      store = log
      await retryParked(log)
      follow(log)
      await catchUp(log)
    },
    remakeIfDamaged: (error) => {
      if (!remake(error)) return false
      void restart()
      return true
    },
    close: async () => {
      closed = true
      await following?.stop()
      for (const { resolve } of waiting) resolve(false)
      current.db.close()
    },
  }
}
