import type { Database } from 'better-sqlite3'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { isDamage, messageOf } from '../../adapters/errors.ts'
import { comparePositions, start, type Envelope, type Position } from '../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { ReadModelNotReady, type Projection, type Queries } from '../../projections/projection.ts'
import type { ModelSet } from '../../projections/registry.ts'
import { isMadeFrom } from '../log-origin.ts'
import { openGenerations, removeDatabase } from './generations.ts'
import { hotSwap } from './hot-swap.ts'
import { subscribeToLog, type LogSubscription, type ReadModelLog } from './log-subscription.ts'
import { positionWaiter } from './position-waiter.ts'
import { projectionRunner } from './projection-runner.ts'
import {
  checkpointsIn,
  openReadModelFile,
  outdatedIn,
  passedOver,
  readStatus,
  type ProjectionStatus,
} from './read-model-file.ts'

type Models = Readonly<Record<string, Projection<unknown>>>

export interface ReadModels<M> {
  /**
   * The queries of the file in use. Call it for each use, since the file is replaced after a rebuild. Queries of a read
   * model that is still being built throw `ReadModelNotReady`.
   */
  readonly queries: () => Queries<M>
  /** One read model's queries; `NotReady` with the progress while it is still being built. */
  readonly query: <K extends keyof M & string>(model: K) => Either<Refusal, Queries<M>[K]>
  /** Applies a batch of the log in order; what was applied before is passed over. `start` does it for the log. */
  readonly apply: (events: readonly StoredEvent[]) => void
  readonly checkpoint: () => Position
  readonly status: () => readonly ProjectionStatus[]
  /** Events of types that this build does not know, passed over since the file was made. */
  readonly unknownEvents: () => number
  /**
   * True once all read models that are fed hold the position; false after `ms` milliseconds. A read model that is being
   * rebuilt is not waited for, unless it is `model`: then that one alone is.
   */
  readonly waitFor: (position: Position, ms: number, model?: keyof M & string) => Promise<boolean>
  /** Whether the read models that are fed hold what the log held at the start. */
  readonly ready: () => boolean
  /** Catches up with the log, then follows it. Resolves when caught up. */
  readonly start: (store: EventStore) => Promise<void>
  /** Resolves when the current batch is done and the file is closed. */
  readonly close: () => Promise<void>
}

export interface ReadModelOptions {
  readonly folder: string
  /** Which file of the folder; `read-models` by default. */
  readonly set?: ModelSet
  /** The server answers requests before these have caught up: they are fed in short steps. */
  readonly inBackground?: boolean
  /**
   * Rebuilds these read models into the next generation, and reports which share of the log is done (0 to 1). It is
   * called where the file in use differs from this build. Without it such a file stays as it is.
   */
  readonly rebuild?: (names: readonly string[], onProgress: (share: number) => void) => Promise<void>
  readonly log: ReadModelLog
  /** Ms since 1970. */
  readonly now: () => number
}

/** The delay before another attempt at a rebuild that failed, or that another process is doing: doubled each time (ms). */
const rebuildRetryMs = { first: 500, most: 300_000 }

const lastRecordedAt = (events: readonly StoredEvent[]): number => {
  const envelope: Partial<Envelope> = JSON.parse(events.at(-1)?.envelope ?? '{}')
  return Date.parse(envelope.recordedAt ?? '') || 0
}

type AnyQuery = (...given: readonly unknown[]) => unknown

/** The same queries, which report a broken file before they throw. */
const watched = (queries: Record<string, AnyQuery>, onError: (error: unknown) => void): Record<string, AnyQuery> => {
  const watch =
    (query: AnyQuery): AnyQuery =>
    (...given) => {
      try {
        return query(...given)
      } catch (error) {
        onError(error)
        throw error
      }
    }
  return Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, watch(query)]))
}

const notReady = (reason: () => string): object =>
  new Proxy(
    {},
    {
      get: () => {
        throw new ReadModelNotReady(reason())
      },
    },
  )

/**
 * Opens the read models of a folder. A file that is missing or damaged is made from the log. Where the file in use was
 * made by a build with other read models, other versions or other tables, the next generation is rebuilt beside it and
 * swapped in as a whole. Meanwhile the file in use is never altered: read models that are current are fed; others
 * answer as they stand where all tables that their queries read are this build's, and are not ready where not
 * (docs/adr/0016-read-model-versions-side-by-side.md).
 */
export const openReadModels = <M extends Models>(models: M, options: ReadModelOptions): ReadModels<M> => {
  const { folder, set = 'read-models', log, now } = options
  const projections = Object.values(models)
  const onRemade = (reason: string): void => log.info({ reason }, 'the read models are made again from the log')
  const generations = openGenerations(folder)
  let subscription: LogSubscription | undefined
  let closed = false
  /** The share of the rebuild that is done; null while none is running in this process. */
  let progress: number | null = null
  let endPause: () => void = () => undefined

  const notReadyReason = (name: string): string => {
    const done = progress === null ? '' : `, ${Math.floor(progress * 100)} % done`
    return `the read model "${name}" is being rebuilt${done}`
  }
  const queriesOf = (db: Database, answering: ReadonlySet<string>): Queries<M> => {
    const onError = (error: unknown): void => {
      if (isDamage(error)) subscription?.interrupt(error)
    }
    const all = Object.entries(models).map(([key, model]) => [
      key,
      answering.has(model.name)
        ? watched(model.queries(db) as Record<string, AnyQuery>, onError)
        : notReady(() => notReadyReason(model.name)),
    ])
    // Each query keeps its arguments and its result, so the shape is that of the projections.
    return Object.fromEntries(all) as Queries<M>
  }
  const open = () => {
    const file = generations.file(set)
    const { db, comparison } = openReadModelFile(file, projections, onRemade)
    const fed = projections.filter(({ name }) => comparison.current.has(name))
    const queries = queriesOf(db, comparison.answering)
    return { ...comparison, file, db, isIdle: fed.length === 0, runner: projectionRunner(db, fed), queries }
  }
  let current = open()
  generations.removeOthers(set)

  const reaches = (at: Position) => (position: Position) => comparePositions(at, position) >= 0
  const positions = positionWaiter(() => (current.isIdle ? () => true : reaches(current.runner.checkpoint())))
  /** How far one read model is, fed or not. */
  const reachedBy = (name: string | undefined) => () => {
    const own = checkpointsIn(current.db).find(({ projection }) => projection === name)
    return own === undefined || !current.answering.has(own.projection) ? () => false : reaches(own.position)
  }

  const apply = (events: readonly StoredEvent[]): void => {
    for (const parked of current.runner.apply(events)) log.error(parked, 'a projection parked a ticket')
    positions.check()
  }

  const retryParked = async (store: EventStore): Promise<void> => {
    for (const parked of current.runner.parked()) {
      const events = await store.readStream(parked.stream)()
      if (events._tag === 'Right') current.runner.retry(parked, events.right)
    }
  }

  const remake = (error: unknown): void => {
    current.db.close()
    removeDatabase(current.file)
    onRemade(messageOf(error))
    current = open()
  }

  const lagSeconds = (): number => {
    const since = subscription?.behindSince() ?? 0
    return since === 0 ? 0 : Math.max(0, (now() - since) / 1000)
  }

  /** A read model that is not in the file yet is shown at the log's start. */
  const status = (): readonly ProjectionStatus[] => {
    const inFile = readStatus(current.db, lagSeconds()).filter(({ name }) => !current.removed.includes(name))
    const missing = projections.filter(({ name }) => !inFile.some((each) => each.name === name))
    const empty = { position: start, lagSeconds: lagSeconds(), eventsPerSecond: 0, parked: [] }
    return [...inFile, ...missing.map(({ name, version }) => ({ name, version, ...empty }))]
  }

  const swapping = hotSwap({
    current: () => current,
    currentFile: () => generations.file(set),
    outdatedIn: (file) => outdatedIn(file, projections),
    open,
    swap: (next) => {
      const before = current
      current = next
      positions.check()
      before.db.close()
      generations.removeOthers(set)
      log.info({ file: next.file }, 'rebuilt read models are in use')
      subscription?.restart()
    },
    log,
  })

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const rebuildOnce = async (rebuild: NonNullable<ReadModelOptions['rebuild']>): Promise<void> => {
    const { outdated, removed, answering } = current
    const notAnswering = outdated.filter((name) => !answering.has(name))
    log.info({ outdated, removed, notAnswering }, 'read models of another version are rebuilt')
    try {
      await rebuild(outdated, (share) => (progress = share))
    } catch (error) {
      log.error({ err: error }, 'the read models could not be rebuilt; it is tried again')
    }
    progress = null
  }

  /** Rebuilds until the file in use is this build's: another process may be rebuilding, or the log be unreachable. */
  const rebuildOutdated = async (): Promise<void> => {
    const { rebuild } = options
    let ms = rebuildRetryMs.first
    while (!closed && rebuild !== undefined && current.outdated.length + current.removed.length > 0) {
      if (!swapping.isPending()) {
        await rebuildOnce(rebuild)
        ms = Math.min(ms * 2, rebuildRetryMs.most)
      }
      if (!closed) await pause(ms)
    }
  }

  return {
    queries: () => current.queries,
    query: (model) => {
      const name = models[model]?.name ?? model
      return current.answering.has(name)
        ? right(current.queries[model])
        : left({ tag: 'NotReady', reason: notReadyReason(name) })
    },
    apply,
    checkpoint: () => current.runner.checkpoint(),
    status,
    unknownEvents: () => passedOver(current.db),
    waitFor: (position, ms, model) =>
      positions.waitFor(position, ms, model === undefined ? undefined : reachedBy(models[model]?.name)),
    ready: () => subscription?.isCaughtUp() ?? false,
    start: (store) => {
      const started = subscribeToLog(store, {
        apply,
        checkpoint: () => current.runner.checkpoint(),
        isIdle: () => current.isIdle,
        checkOrigin: async () => {
          const isSame = await isMadeFrom(store, current.db, current.runner.checkpoint())
          // Positions of another log mean nothing in this one.
          if (!isSame) remake(new Error('they were made from another log'))
        },
        retryParked: () => retryParked(store),
        remake,
        waitFor: positions.waitFor,
        recordedAt: lastRecordedAt,
        now,
        log,
        inBackground: options.inBackground ?? false,
      })
      subscription = started
      swapping.start(store)
      void started.caughtUp.then(rebuildOutdated)
      return started.caughtUp
    },
    close: async () => {
      closed = true
      endPause()
      await swapping.stop()
      await subscription?.stop()
      positions.end()
      current.db.close()
      generations.close()
    },
  }
}
