import Sqlite, { type Database } from 'better-sqlite3'
import { messageOf } from '../../adapters/errors.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Envelope, Position } from '../../domain/event-log/envelope.ts'
import type { Projection, Queries } from '../../projections/projection.ts'
import { applier } from './projection-runner.ts'
import { isDamage } from './damage.ts'
import { openReadModelFile, staleIn } from './database.ts'
import { isMadeFrom } from './origin.ts'
import { follower, type Follower, type ReadModelLog } from './subscriber.ts'
import { openGenerations, removeDatabase, type ModelSet } from './generations.ts'
import { successor } from './hot-swap.ts'
import { passedOver, readStatus, type ProjectionStatus } from './status.ts'
import { waitingRoom } from './position-waiter.ts'

type Models = Readonly<Record<string, Projection<unknown>>>

export interface ReadModels<M> {
  /** The queries of the file in use; ask for them each time, since a damaged file is replaced. */
  readonly queries: () => Queries<M>
  /** Feeds a batch of the log in its order; what was applied before is passed over. `start` does it for the log. */
  readonly apply: (events: readonly StoredEvent[]) => void
  readonly checkpoint: () => Position
  readonly status: () => readonly ProjectionStatus[]
  /** Events of types that this build does not know, passed over since the file was made. */
  readonly unknownEvents: () => number
  /** True once the position is reached, in all projections; false when the time (in ms) is up first. */
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  /** Whether the views hold what the log held when they were started or made again. */
  readonly ready: () => boolean
  /** Catches up with the log, then goes on following it. Resolves when caught up. */
  readonly start: (store: EventStore) => Promise<void>
  /** Resolves when the batch in hand is done and the file is closed. */
  readonly close: () => Promise<void>
}

export interface ReadModelOptions {
  readonly folder: string
  /** Which file of the folder; `read-models` unless told. */
  readonly set?: ModelSet
  /** Nobody waits for them at the start: they catch up in short turns, while other things are answered. */
  readonly isAside?: boolean
  /**
   * Rebuilds these beside the live ones and swaps. With it a projection of another version goes on answering, as it
   * stands, until it is rebuilt; without it, such a one is emptied and fed again before the start.
   */
  readonly rebuild?: (names: readonly string[]) => Promise<void>
  readonly log: ReadModelLog
  /** Ms since 1970. */
  readonly now: () => number
}

const lastRecordedAt = (events: readonly StoredEvent[]): number => {
  const envelope: Partial<Envelope> = JSON.parse(events.at(-1)?.envelope ?? '{}')
  return Date.parse(envelope.recordedAt ?? '') || 0
}

type AnyQuery = (...given: readonly unknown[]) => unknown

/** The same queries, and whoever meets a broken file in one of them says so before it throws. */
const guarded = <M extends Models>(models: M, db: Database, met: (error: unknown) => void): Queries<M> => {
  const watch =
    (query: AnyQuery): AnyQuery =>
    (...given) => {
      try {
        return query(...given)
      } catch (error) {
        met(error)
        throw error
      }
    }
  const watched = Object.entries(models).map(([key, model]) => {
    const queries = Object.entries(model.queries(db) as Record<string, AnyQuery>)
    return [key, Object.fromEntries(queries.map(([name, query]) => [name, watch(query)]))]
  })
  // Each query keeps its arguments and its answer, so the shape is that of the projections.
  return Object.fromEntries(watched) as Queries<M>
}

/**
 * Opens the read models of a folder. A file that is missing or damaged is made again from the log, a projection of
 * another version alone likewise; a handler that throws parks its ticket alone.
 */
export const openReadModels = <M extends Models>(models: M, options: ReadModelOptions): ReadModels<M> => {
  const { folder, set = 'read-models', log: say, now } = options
  const projections = Object.values(models)
  const onRemade = (reason: string): void => say.info({ reason }, 'the read models are made again from the log')
  const generations = openGenerations(folder)
  let subscription: Follower | undefined

  const open = () => {
    const file = generations.file(set)
    const db = openReadModelFile(file, projections, onRemade, options.rebuild !== undefined)
    const met = (error: unknown): void => {
      if (isDamage(error)) subscription?.interrupt(error)
    }
    const stale = staleIn(db, projections)
    const fed = projections.filter(({ name }) => !stale.includes(name))
    return { file, db, stale, applier: applier(db, fed), queries: guarded(models, db, met) }
  }
  let current = open()
  generations.removeOthers(set)
  const waiting = waitingRoom(() => current.applier.checkpoint())

  const apply = (events: readonly StoredEvent[]): void => {
    for (const parked of current.applier.apply(events)) say.error(parked, 'a projection parked a ticket')
    waiting.call()
  }

  const retryParked = async (store: EventStore): Promise<void> => {
    for (const parked of current.applier.parked()) {
      const events = await store.readStream(parked.stream)()
      if (events._tag === 'Right') current.applier.retry(parked, events.right)
    }
  }

  const remake = (error: unknown): void => {
    current.db.close()
    removeDatabase(current.file)
    onRemade(messageOf(error))
    current = open()
  }

  /** Views of another log are made anew: this one's positions would mean nothing to them. */
  const belongTo = async (store: EventStore): Promise<void> => {
    const isSame = await isMadeFrom(store, current.db, current.applier.checkpoint())
    if (!isSame) remake(new Error('they were made from another log'))
  }

  const lagSeconds = (): number => {
    const since = subscription?.behindSince() ?? 0
    return since === 0 ? 0 : Math.max(0, (now() - since) / 1000)
  }

  const succession = successor({
    present: () => current,
    pointed: () => generations.file(set),
    staleIn: (file) => {
      const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
      try {
        return staleIn(db, projections)
      } finally {
        db.close()
      }
    },
    open,
    swap: (next) => {
      const before = current
      current = next
      waiting.call()
      before.db.close()
      generations.removeOthers(set)
      say.info({ file: next.file }, 'rebuilt read models are in use')
    },
    log: say,
  })

  /** What stands in another version is rebuilt beside, while it answers as it stands. */
  const renew = async (): Promise<void> => {
    const { stale } = current
    if (stale.length === 0 || options.rebuild === undefined) return
    say.info({ projections: stale }, 'read models of another version are rebuilt; until then they answer as they stand')
    try {
      await options.rebuild(stale)
    } catch (error) {
      say.error({ err: error }, 'the read models could not be rebuilt; those of the other version go on answering')
    }
  }

  return {
    queries: () => current.queries,
    apply,
    checkpoint: () => current.applier.checkpoint(),
    status: () => readStatus(current.db, lagSeconds()),
    unknownEvents: () => passedOver(current.db),
    waitFor: waiting.waitFor,
    ready: () => subscription?.ready() ?? false,
    start: (store) => {
      const started = follower(store, {
        apply,
        checkpoint: () => current.applier.checkpoint(),
        belong: () => belongTo(store),
        retryParked: () => retryParked(store),
        remake,
        waitFor: waiting.waitFor,
        recordedAt: lastRecordedAt,
        now,
        log: say,
        isAside: options.isAside ?? false,
      })
      subscription = started
      succession.follow(store)
      void started.caughtUp.then(renew)
      return started.caughtUp
    },
    close: async () => {
      await succession.stop()
      await subscription?.stop()
      waiting.sendAway()
      current.db.close()
      generations.close()
    },
  }
}
