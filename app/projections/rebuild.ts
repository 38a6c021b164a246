import { existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { comparePositions, earliest, type Position } from '../../domain/event-log/envelope.ts'
import type { Projection } from '../../projections/projection.ts'
import { applier, type Applier } from './projection-runner.ts'
import { isMachineTrouble } from './damage.ts'
import { finishDraft, openDraftFile } from './database.ts'
import { openGenerations, type Drafts, type ModelSet } from './generations.ts'
import { parkedStreams, type Parked } from './parked.ts'

/** Why nothing was rebuilt; the live read models are as they were. */
export class NotRebuilt extends Error {}

export interface Progress {
  readonly events: number
  readonly perSecond: number
  /** An estimate from how far along the log it is. */
  readonly secondsLeft: number
}

export interface RebuildPorts {
  readonly folder: string
  readonly store: EventStore
  readonly onProgress: (progress: Progress) => void
}

/** What to build of a set of read models. */
export interface Part {
  readonly set: ModelSet
  /** All of the set. */
  readonly projections: readonly Projection<unknown>[]
  /** Those to be built anew; the others stay as they stand. */
  readonly names: readonly string[]
}

const pageSize = 1_000
/** Pages that share a transaction of a draft: each changed row is written once for all of them. */
const pagesOfRun = 100

const page = async (store: EventStore, after: Position): Promise<readonly StoredEvent[]> => {
  const events = await store.readLog(after, pageSize, 'facts')()
  if (events._tag === 'Left') throw new NotRebuilt(`the log cannot be read: ${events.left.tag}`)
  return events.right
}

/** Feeds an applier alone up to a position: what fails parks its ticket, and the rest goes on. */
const feedCarefully = async (store: EventStore, { apply, checkpoint }: Applier, upTo: Position): Promise<void> => {
  while (comparePositions(checkpoint(), upTo) < 0) {
    apply((await page(store, checkpoint())).filter(({ position }) => comparePositions(position, upTo) <= 0))
  }
}

/** Does the last step of a long transaction; where it fails, all of that transaction is done again with care. */
const orCarefully = async (store: EventStore, applier: Applier, upTo: Position, step: () => void): Promise<void> => {
  try {
    step()
  } catch (error) {
    applier.undo()
    if (isMachineTrouble(error)) throw error
    await feedCarefully(store, applier, upTo)
  }
}

/** Feeds all of them by one pass over the log to its present end; answers how many events that were. */
const feed = async ({ store, onProgress }: RebuildPorts, appliers: readonly Applier[]): Promise<number> => {
  const head = await store.head()()
  const of = Number(head._tag === 'Right' ? head.right : 0)
  const from = earliest(appliers.map(({ checkpoint }) => checkpoint()))
  const started = performance.now()
  let [at, events, pages] = [from, 0, 0]
  for (;;) {
    const batch = await page(store, at)
    const last = batch.at(-1)?.position
    const isRunDone = last === undefined || ++pages % pagesOfRun === 0
    for (const applier of appliers) {
      await orCarefully(store, applier, last ?? at, () => {
        applier.take(batch)
        if (isRunDone) applier.flush()
      })
    }
    if (last === undefined) return events
    at = last
    events += batch.length
    const seconds = (performance.now() - started) / 1000
    const done = (Number(at) - Number(from)) / Math.max(1, of - Number(from))
    const secondsLeft = Math.max(0, Math.round(seconds / Math.min(1, done) - seconds))
    onProgress({ events, perSecond: Math.round(events / seconds), secondsLeft })
  }
}

const parkedIn = (file: string): readonly Parked[] => {
  if (!existsSync(file)) return []
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return parkedStreams(db).all()
  } finally {
    db.close()
  }
}

/** A rebuild must not put a read model that stopped at a ticket in the place of one that did not. */
const refuseParked = (file: string, parked: readonly Parked[]): void => {
  const before = new Set(parkedIn(file).map(({ projection, stream }) => `${projection} ${stream}`))
  const worse = parked.find(({ projection, stream }) => !before.has(`${projection} ${stream}`))
  if (worse === undefined) return
  const { projection, stream, position, reason } = worse
  throw new NotRebuilt(`${projection} stopped in ${stream} at position ${position}: ${reason}; the live one stays`)
}

/** A part as it was built, beside the live file of its set. */
export interface Built {
  /** Those that were built from the first event on. */
  readonly anew: readonly Projection<unknown>[]
  readonly db: Database
  readonly applier: Applier
  readonly live: string
}

const openPart = async ({ projections, names }: Part, live: string, file: string): Promise<Built> => {
  const anew = projections.filter(({ name }) => names.includes(name))
  if (anew.length < projections.length && existsSync(live)) await copy(live, file)
  const db = openDraftFile(file, projections, anew)
  return { anew, db, applier: applier(db, projections, true), live }
}

/**
 * Builds a draft of each part beside the live files, by one pass over the log to its end. `use` gets them while nobody
 * else may build; its answer says whether to put the drafts in the live ones' places.
 * @throws NotRebuilt where somebody else is at it, or the log cannot be read.
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
    for (const part of parts) built.push(await openPart(part, generations.file(part.set), drafts.file(part.set)))
    const events = await feed(
      ports,
      built.map((each) => each.applier),
    )
    for (const { db, anew } of built) finishDraft(db, anew)
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

const copy = async (from: string, to: string): Promise<void> => {
  const db = new Sqlite(from, { readonly: true, timeout: 10_000 })
  try {
    await db.backup(to)
  } finally {
    db.close()
  }
}

/**
 * Builds these read models anew and swaps: a running server takes the new files up when they hold all that the old ones
 * do. Interrupted at any time, the live ones are as they were. Answers how many events that took.
 * @throws NotRebuilt as `withDrafts`, and where a rebuilt one stops at a ticket that the live one took.
 */
export const rebuild = (ports: RebuildPorts, parts: readonly Part[]): Promise<number> =>
  withDrafts(ports, parts, async (built, events) => {
    for (const { live, applier: fed } of built) refuseParked(live, fed.parked())
    return { publish: true, answer: events }
  })
