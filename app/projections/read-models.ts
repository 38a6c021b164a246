import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { abortableDelay } from '../../adapters/abortable-delay.ts'
import { isMachineTrouble, messageOf } from '../../adapters/errors.ts'
import { comparePositions, start, type Position } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Queries } from '../../projections/projection.ts'
import type { ModelSet } from '../../projections/registry.ts'
import { backgroundRebuild, type Rebuild } from './background-rebuild.ts'
import { completeAnchor, isOfLog } from './file-anchor.ts'
import { openGeneration, type Generation, type Models } from './generation.ts'
import { openGenerations, removeDatabase } from './generations.ts'
import { hotSwap } from './hot-swap.ts'
import { subscribeToLog, type LogSubscription, type ReadModelLog } from './log-subscription.ts'
import { positionWaiter } from './position-waiter.ts'
import type { Source } from './read-only-models.ts'
import { owedReceipts } from './owed-receipts.ts'
import { outdatedIn } from './read-model-file.ts'
import { passedOver, readStatus, statusOfBuild, type ProjectionStatus } from './runner-tables.ts'

export interface ReadModels<M> {
  /**
   * The queries of the file in use. Call it for each use, since the file is replaced after a rebuild. Queries of a read
   * model that is still being built throw `ReadModelNotReady`.
   */
  readonly queries: () => Queries<M>
  /** One read model's queries; `NotReady` with the progress while it is still being built. */
  readonly query: <K extends keyof M & string>(model: K) => Either<Refusal, Queries<M>[K]>
  /** The file in use, and why each read model that cannot answer from it does not, by its key: for readers elsewhere. */
  readonly source: () => Omit<Source, 'ready' | 'progress'>
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
  /**
   * Waits until the read models that are fed hold the position of a receipt, `ms` milliseconds at most; never rejects.
   * Where they do not hold it by then, they are not ready until they do: no query is older than a receipt that was given.
   */
  readonly acknowledge: (position: Position, ms: number) => Promise<void>
  /** Whether the read models that are fed hold what the log held at the start, and every receipt's position. */
  readonly ready: () => boolean
  /** The share of the log that they hold while they catch up with it (0 to 1); null where it is not known. */
  readonly progress: () => number | null
  /** How far they are behind the log, in seconds; 0 when they hold all of it. */
  readonly lagSeconds: () => number
  /** Why the log cannot be read; null while it can. */
  readonly logFailure: () => string | null
  /**
   * Makes the file anew where it was not made from this log: positions of another one mean nothing here. `start` does it.
   * Returns whether it was made anew. @throws UnreadableLog
   */
  readonly checkLog: (store: EventStore) => Promise<boolean>
  /** Catches up with the log, then follows it. Resolves when caught up. */
  readonly start: (store: EventStore) => Promise<void>
  /** Resolves when the current batch is done and the file is closed. */
  readonly close: () => Promise<void>
}

export interface ReadModelOptions {
  readonly folder: string
  /** Which file of the folder; `read-models` by default. */
  readonly set?: ModelSet
  /**
   * It is called where the file in use differs from this build, or is far behind the log. Without it such a file stays as
   * it is, or catches up in steps.
   */
  readonly rebuild?: Rebuild
  readonly log: ReadModelLog
  /** Ms since 1970. */
  readonly now: () => number
}

/** The delay before another attempt at a rebuild that failed, or that another process is doing: doubled each time (ms). */
const rebuildRetryMs = { first: 500, most: 60_000 }
/** Read models that lack so many events are far behind: steps between requests would take longer than a rebuild. */
const farBehind = 1_000

/**
 * Opens the read models of a folder. A file that is missing or damaged is made from the log. Where the file in use was
 * made by a build with other read models, other versions or other tables, the next generation is rebuilt beside it and
 * swapped in as a whole. Meanwhile the file in use is never altered: read models that are current are fed; others
 * answer as they stand where all tables that their queries read are this build's, and are not ready where not
 * (docs/adr/0016-read-model-versions-side-by-side.md). A file that is far behind the log is replaced in the same way, and
 * none of its read models is ready until then (docs/adr/0032-catch-up-in-a-thread.md).
 */
export const openReadModels = <M extends Models>(models: M, options: ReadModelOptions): ReadModels<M> => {
  const { folder, set = 'read-models', log, now } = options
  const projections = Object.values(models)
  const onRemade = (reason: string): void => log.info({ reason }, 'the read models are made again from the log')
  const generations = openGenerations(folder)
  let subscription: LogSubscription | undefined
  let closed = false
  const rebuilding = options.rebuild === undefined ? null : backgroundRebuild(options.rebuild, log)
  const { delay, abort } = abortableDelay()

  const notReadyReason = (name: string): string => {
    const progress = rebuilding?.progress() ?? null
    const done = progress === null ? '' : `, ${Math.floor(progress * 100)} % done`
    return `the read model "${name}" is being rebuilt${done}`
  }
  const onDamage = (error: unknown): void => subscription?.interrupt(error)
  const open = (): Generation<M> =>
    openGeneration(generations.file(set), models, { onRemade, onDamage, notReadyReason })
  let current = open()
  generations.removeOthers(set)

  /** What the file holds; the last known value while it cannot be read. */
  const remembered = <A>(read: () => A, first: A): (() => A) => {
    let last = first
    return () => {
      try {
        if (current.db.open) last = read()
      } catch (error) {
        if (!isMachineTrouble(error)) throw error
      }
      return last
    }
  }
  const checkpoint = remembered(() => current.runner.checkpoint(), start)
  const checkpoints = remembered(() => current.runner.checkpoints(), [])
  const reaches = (at: Position) => (position: Position) => comparePositions(at, position) >= 0
  const positions = positionWaiter(() => (current.isIdle ? () => true : reaches(checkpoint())))
  /** How far one read model is, fed or not. */
  const reachedBy = (name: string | undefined) => () => {
    const own = checkpoints().find(({ projection }) => projection === name)
    return own === undefined || !current.answering.has(own.projection) ? () => false : reaches(own.position)
  }

  const receipts = owedReceipts((position) => current.isIdle || reaches(checkpoint())(position))

  const applyStep = (events: readonly StoredEvent[], ms: number): number => {
    const { count, parked } = current.runner.applyStep(events, ms)
    for (const each of parked) log.error(each, 'a projection parked a ticket')
    positions.check()
    return count
  }

  const retryParked = async (store: EventStore): Promise<void> => {
    for (const parked of current.runner.parked()) {
      const events = await store.readStream(parked.stream)()
      if (events._tag === 'Right') current.runner.retry(parked, events.right)
    }
  }

  const remake = (error: unknown): void => {
    onRemade(messageOf(error))
    current.db.close()
    removeDatabase(current.file)
    current = open()
  }
  const checkLog = async (store: EventStore): Promise<boolean> => {
    const { db } = current
    if (await isOfLog(store, db)) {
      await completeAnchor(store, db)
      return false
    }
    remake(new Error('they were made from another log, or from a newer copy of this one'))
    return true
  }
  const reopen = (): void => {
    current.db.close()
    current = open()
  }

  const isCaughtUp = (): boolean => subscription?.isCaughtUp() === true
  const lagSeconds = (): number => {
    const since = subscription?.behindSince() ?? 0
    return since === 0 ? 0 : Math.max(0, (now() - since) / 1000)
  }

  const inFile = remembered<readonly ProjectionStatus[]>(() => readStatus(current.db, 0), [])

  const swapping = hotSwap({
    current: () => current,
    checkpoint,
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

  /** Rebuilds until the file in use is this build's: another process may be rebuilding, or the log be unreachable. */
  const rebuildOutdated = async (): Promise<void> => {
    let ms = rebuildRetryMs.first
    while (!closed && rebuilding !== null && current.outdated.length + current.removed.length > 0) {
      if (!swapping.isPending()) {
        const { outdated, removed, answering } = current
        const notAnswering = outdated.filter((name) => !answering.has(name))
        log.info({ outdated, removed, notAnswering }, 'read models of another version are rebuilt')
        await rebuilding.run(outdated, 'it is tried again')
        ms = Math.min(ms * 2, rebuildRetryMs.most)
      }
      if (!closed) await delay(ms)
    }
  }

  /** One attempt for each catching up: after it, what is left is applied in steps, however much that is. */
  let mayRebuild = true
  const rebuildIfFarBehind = async (store: EventStore): Promise<boolean> => {
    if (rebuilding === null || !mayRebuild || current.isIdle) return false
    const at = current.runner.checkpoint()
    const missing = readable(await store.readLog(at, farBehind, 'unhashed')()).length
    if (closed || missing < farBehind) return false
    mayRebuild = false
    const names = projections.map(({ name }) => name)
    const rebuilt = at === start ? names : current.outdated
    // Whatever replaces it is better.
    const answering = new Set<string>()
    current = { ...current, isIdle: true, outdated: names, answering, queries: current.queriesOf(answering) }
    log.info({ at, rebuilt }, 'the read models are far behind the log; a thread catches up')
    void rebuilding.run(rebuilt, 'what they lack is applied in steps').then((isDone) => {
      if (isDone || closed) return
      // Opened again where the subscription begins, which tries until it can be.
      current.db.close()
      subscription?.restart()
    })
    return true
  }

  return {
    checkLog,
    queries: () => current.queries,
    query: (model) => {
      const name = models[model]?.name ?? model
      return current.answering.has(name)
        ? right(current.queries[model])
        : left({ tag: 'NotReady', reason: notReadyReason(name) })
    },
    source: () => ({
      file: current.file,
      opening: current.opening,
      notReady: Object.fromEntries(
        Object.entries(models).flatMap(([key, { name }]) =>
          current.answering.has(name) ? [] : [[key, notReadyReason(name)]],
        ),
      ),
    }),
    apply: (events) => void applyStep(events, Infinity),
    checkpoint,
    status: () => statusOfBuild(inFile(), projections, lagSeconds()),
    unknownEvents: remembered(() => passedOver(current.db), 0),
    acknowledge: async (position, ms) => {
      // While they catch up, nothing is answered that would be older: there is nothing to wait for.
      if (!isCaughtUp() || !(await positions.waitFor(position, ms))) receipts.owe(position)
    },
    lagSeconds,
    logFailure: () => subscription?.logFailure() ?? null,
    waitFor: (position, ms, model) =>
      positions.waitFor(position, ms, model === undefined ? undefined : reachedBy(models[model]?.name)),
    progress: () => rebuilding?.progress() ?? subscription?.progress() ?? null,
    ready: () => isCaughtUp() && current.db.open && receipts.areHeld(),
    start: (store) => {
      const started = subscribeToLog(store, {
        applyStep,
        checkpoint,
        rebuildIfFarBehind: () => rebuildIfFarBehind(store),
        onCaughtUp: () => (mayRebuild = true),
        isIdle: () => current.isIdle,
        ensureOpen: () => {
          if (!current.db.open) current = open()
        },
        reopen,
        checkOrigin: () => checkLog(store),
        retryParked: () => retryParked(store),
        remake,
        waitFor: positions.waitFor,
        now,
        log,
      })
      subscription = started
      swapping.start(store)
      void started.caughtUp.then(rebuildOutdated).catch((error: unknown) => {
        log.error({ err: error }, 'the read models of another version are not rebuilt; restart the server to try again')
      })
      return started.caughtUp
    },
    close: async () => {
      closed = true
      abort()
      await swapping.stop()
      await subscription?.stop()
      positions.end()
      current.db.close()
      generations.close()
    },
  }
}
