import { existsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { EventStore, StoredEvent } from '../../domain/event-store.ts'
import { comparePositions, start, type Position } from '../../domain/events/envelope.ts'
import type { Projection } from '../../projections/projection.ts'
import { applier, type Applier } from './apply.ts'
import { isMachineTrouble } from './damage.ts'
import { finishDraft, openDraftFile } from './database.ts'
import { openGenerations, type Draft, type ModelSet } from './generations.ts'
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
  readonly set: ModelSet
  /** All of the set. */
  readonly projections: readonly Projection<unknown>[]
  readonly store: EventStore
  readonly onProgress: (progress: Progress) => void
}

const pageSize = 1_000
/** Pages that share a transaction of a draft: each changed row is written once for all of them. */
const pagesOfRun = 100

const page = async (store: EventStore, after: Position): Promise<readonly StoredEvent[]> => {
  const events = await store.readLog(after, pageSize, 'facts')()
  if (events._tag === 'Left') throw new NotRebuilt(`the log cannot be read: ${events.left.tag}`)
  return events.right
}

/** Feeds the log to its present end; answers how many events that were. */
const feed = async ({ store, onProgress }: RebuildPorts, applier: Applier): Promise<number> => {
  const head = await store.head()()
  const of = Number(head._tag === 'Right' ? head.right : 0)
  const [from, started] = [applier.checkpoint(), performance.now()]
  let [at, events, pages] = [from, 0, 0]
  /** Up to here a run failed: a page at a time, what fails parks its ticket. */
  let careful: Position = start
  for (;;) {
    const batch = await page(store, at)
    const last = batch.at(-1)
    if (last === undefined) break
    if (comparePositions(at, careful) < 0) applier.apply(batch)
    else {
      try {
        applier.take(batch)
        if (++pages % pagesOfRun === 0) applier.flush()
      } catch (error) {
        applier.undo()
        if (isMachineTrouble(error)) throw error
        careful = last.position
        at = applier.checkpoint()
        continue
      }
    }
    at = last.position
    events += batch.length
    const seconds = (performance.now() - started) / 1000
    const done = (Number(at) - Number(from)) / Math.max(1, of - Number(from))
    const secondsLeft = Math.max(0, Math.round(seconds / Math.min(1, done) - seconds))
    onProgress({ events, perSecond: Math.round(events / seconds), secondsLeft })
  }
  try {
    applier.flush()
    return events
  } catch (error) {
    applier.undo()
    if (isMachineTrouble(error)) throw error
    return feedCarefully(store, applier)
  }
}

const feedCarefully = async (store: EventStore, { apply, checkpoint }: Applier): Promise<number> => {
  for (let events = 0; ;) {
    const batch = await page(store, checkpoint())
    if (batch.length === 0) return events
    apply(batch)
    events += batch.length
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

export interface Built {
  readonly db: Database
  readonly file: string
  readonly applier: Applier
  /** How many events it took. */
  readonly events: number
}

/**
 * Builds a draft beside the live file: `names` from the first event on, the others as they stand, all to the log's end.
 * `use` gets it while nobody else may build; its answer says whether to put the draft in the live one's place.
 * @throws NotRebuilt where somebody else is at it, or the log cannot be read.
 */
export const withDraft = async <A>(
  ports: RebuildPorts,
  names: readonly string[],
  use: (built: Built, live: string) => Promise<{ readonly publish: boolean; readonly answer: A }>,
): Promise<A> => {
  const { folder, set, projections } = ports
  const generations = openGenerations(folder, set)
  let draft: Draft | null = null
  let db: Database | undefined
  try {
    draft = generations.draft()
    if (draft === null) throw new NotRebuilt('a rebuild is under way already')
    const live = generations.file()
    const anew = projections.filter(({ name }) => names.includes(name))
    if (anew.length < projections.length && existsSync(live)) await copy(live, draft.file)
    db = openDraftFile(draft.file, projections, anew)
    const fed = applier(db, projections, true)
    const events = await feed(ports, fed)
    finishDraft(db, anew)
    const { publish, answer } = await use({ db, file: draft.file, applier: fed, events }, live)
    db.close()
    if (publish) {
      draft.publish()
      draft = null
    }
    return answer
  } finally {
    if (db?.open === true) db.close()
    draft?.abandon()
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
 * Builds these read models anew and swaps: a running server takes the new file up when it holds all that the old one
 * does. Interrupted at any time, the live ones are as they were.
 * @throws NotRebuilt as `withDraft`, and where a rebuilt one stops at a ticket that the live one took.
 */
export const rebuild = (ports: RebuildPorts, names: readonly string[]): Promise<{ readonly events: number }> =>
  withDraft(ports, names, async ({ applier: { parked }, events }, live) => {
    refuseParked(live, parked())
    return { publish: true, answer: { events } }
  })
