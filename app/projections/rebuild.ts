import { existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { isMachineTrouble } from '../../adapters/errors.ts'
import { comparePositions, earliest, type Position } from '../../domain/event-log/envelope.ts'
import { UnreadableLog, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Projection } from '../../projections/projection.ts'
import type { ModelSet } from '../../projections/registry.ts'
import { completeAnchor, isOfLog } from './file-anchor.ts'
import { openGenerations, removeDatabase, type Drafts } from './generations.ts'
import { projectionRunner, type ProjectionRunner } from './projection-runner.ts'
import { compareWithBuild } from './compare-with-build.ts'
import { canBeCopied, finishDraft, openDraftFile } from './read-model-file.ts'
import { checkpointsIn, parkedIn, type Parked } from './runner-tables.ts'

/** Why nothing was rebuilt; the live read models are as before. */
export class NotRebuilt extends Error {}

export interface Progress {
  readonly events: number
  readonly perSecond: number
  /** The part of the log that is done, 0 to 1. */
  readonly share: number
  /** An estimate from `share`. */
  readonly secondsLeft: number
}

export interface RebuildPorts {
  readonly folder: string
  readonly store: EventStore
  readonly onProgress: (progress: Progress) => void
}

/** What to rebuild of a set of read models. */
export interface Part {
  readonly set: ModelSet
  /** All of the set. */
  readonly projections: readonly Projection<unknown>[]
  /**
   * Those to build from the first event on. The others are copied from the live file where they are current in it, and
   * built too where not.
   */
  readonly names: readonly string[]
}

const pageSize = 1_000
/** Pages that share a transaction of a draft: each changed row is written once for all of them. */
const pagesPerCommit = 100

const page = async (store: EventStore, after: Position): Promise<readonly StoredEvent[]> => {
  const events = await store.readLog(after, pageSize, 'unhashed')()
  if (events._tag === 'Left') throw new NotRebuilt(new UnreadableLog(events.left).message)
  return events.right
}

/**
 * Applies events up to a position, or to the log's end, in short transactions, in which an event that fails parks its
 * stream.
 * @throws NotRebuilt where the log cannot be read.
 */
export const applyOrPark = async (store: EventStore, runner: ProjectionRunner, upTo: Position): Promise<void> => {
  while (comparePositions(runner.checkpoint(), upTo) < 0) {
    const read = await page(store, runner.checkpoint())
    const events = read.filter(({ position }) => comparePositions(position, upTo) <= 0)
    if (events.length === 0) return
    runner.apply(events)
  }
}

/** Does a step of a long transaction; where it fails, all of that transaction is repeated in short ones. */
const stepOrRepeat = async (
  store: EventStore,
  runner: ProjectionRunner,
  upTo: Position,
  step: () => void,
): Promise<void> => {
  try {
    step()
  } catch (error) {
    runner.rollback()
    if (isMachineTrouble(error)) throw error
    await applyOrPark(store, runner, upTo)
  }
}

/** Applies the log to all runners in one pass, up to its present end; returns the number of events. */
const applyLog = async ({ store, onProgress }: RebuildPorts, runners: readonly ProjectionRunner[]): Promise<number> => {
  const head = await store.head()()
  const of = Number(head._tag === 'Right' ? head.right : 0)
  const from = earliest(runners.map(({ checkpoint }) => checkpoint()))
  const started = performance.now()
  let [at, events, pages] = [from, 0, 0]
  for (;;) {
    const batch = await page(store, at)
    const last = batch.at(-1)?.position
    const isCommit = last === undefined || ++pages % pagesPerCommit === 0
    for (const runner of runners) {
      await stepOrRepeat(store, runner, last ?? at, () => {
        runner.applyPage(batch)
        if (isCommit) runner.commit()
      })
    }
    if (last === undefined) return events
    at = last
    events += batch.length
    const seconds = (performance.now() - started) / 1000
    const share = Math.min(1, (Number(at) - Number(from)) / Math.max(1, of - Number(from)))
    const secondsLeft = Math.max(0, Math.round(seconds / share - seconds))
    onProgress({ events, perSecond: Math.round(events / seconds), share, secondsLeft })
  }
}

/** A draft as it was built, beside the live file of its set. */
export interface Built {
  /** Those that were built from the first event on. */
  readonly rebuilt: readonly Projection<unknown>[]
  readonly db: Database
  readonly runner: ProjectionRunner
  readonly live: string
}

const copy = async (from: string, to: string): Promise<void> => {
  const db = new Sqlite(from, { readonly: true, timeout: 10_000 })
  try {
    await db.backup(to)
  } finally {
    db.close()
  }
}

const openPart = async (
  store: EventStore,
  { projections, names }: Part,
  live: string,
  file: string,
): Promise<Built> => {
  const isWhole = projections.every(({ name }) => names.includes(name))
  if (!isWhole && existsSync(live) && canBeCopied(live)) await copy(live, file)
  let draft = openDraftFile(file, projections, names)
  if (!(await isOfLog(store, draft.db))) {
    draft.db.close()
    removeDatabase(file)
    draft = openDraftFile(file, projections, names)
  }
  const { db, rebuilt } = draft
  return { rebuilt, db, runner: projectionRunner(db, projections, true), live }
}

/**
 * Builds a draft of each part beside the live files, in one pass over the log to its end. `use` gets them while no other
 * process may build; `publish` in its result makes the drafts the live files.
 * @throws NotRebuilt where another process is rebuilding, or the log cannot be read.
 */
export const withDrafts = async <A>(
  ports: RebuildPorts,
  parts: readonly Part[],
  use: (built: readonly Built[], events: number) => Promise<{ readonly publish: boolean; readonly answer: A }>,
): Promise<A> => {
  const generations = openGenerations(ports.folder)
  const built: Built[] = []
  let drafts: Drafts | null = null
  try {
    drafts = generations.drafts(parts.map(({ set }) => set))
    if (drafts === null) throw new NotRebuilt('a rebuild is under way already; run this again when it has ended')
    for (const part of parts)
      built.push(await openPart(ports.store, part, generations.file(part.set), drafts.file(part.set)))
    const runners = built.map(({ runner }) => runner)
    const events = await applyLog(ports, runners)
    for (const { db, rebuilt } of built) {
      finishDraft(db, rebuilt)
      await completeAnchor(ports.store, db)
    }
    const { publish, answer } = await use(built, events)
    for (const { db } of built) db.close()
    if (publish) {
      drafts.publish()
      drafts = null
    }
    return answer
  } finally {
    for (const { db } of built) db.close()
    drafts?.abandon()
    generations.close()
  }
}

/** What parked in the live file, and how far those of its read models are that answer; null where there is none of this runner. */
const readLive = (file: string, projections: readonly Projection<unknown>[]) => {
  if (!existsSync(file) || !canBeCopied(file)) return null
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    const { answering } = compareWithBuild(db, projections)
    const own = checkpointsIn(db).filter(({ projection }) => answering.has(projection))
    return { parked: parkedIn(db), reached: new Map(own.map(({ projection, position }) => [projection, position])) }
  } finally {
    db.close()
  }
}

/** A rebuilt read model that stopped at an event of a ticket must not replace one that has applied this event. */
const refuseParked = (live: NonNullable<ReturnType<typeof readLive>>, parked: readonly Parked[]): void => {
  const before = new Set(live.parked.map(({ projection, stream }) => `${projection} ${stream}`))
  const worse = parked.find(({ projection, stream, position }) => {
    const reached = live.reached.get(projection)
    return reached !== undefined && comparePositions(reached, position) >= 0 && !before.has(`${projection} ${stream}`)
  })
  if (worse === undefined) return
  const { projection, stream, position, reason } = worse
  throw new NotRebuilt(`${projection} stopped in ${stream} at position ${position}: ${reason}; the live one stays`)
}

/**
 * Rebuilds read models and publishes the new files; a running server takes them up once they hold all that the old ones
 * do. Interrupted at any time, the live ones are as before. Returns the number of events read.
 * @throws NotRebuilt as `withDrafts`, and where a rebuilt one stops at a ticket that the live one has.
 */
export const rebuild = (ports: RebuildPorts, parts: readonly Part[]): Promise<number> =>
  withDrafts(ports, parts, async (built, events) => {
    for (const [n, { live, runner }] of built.entries()) {
      const before = readLive(live, parts[n]?.projections ?? [])
      if (before !== null) refuseParked(before, runner.parked())
    }
    return { publish: true, answer: events }
  })
