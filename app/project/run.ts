import { existsSync, renameSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { messageOf } from '../../adapters/errors.ts'
import { ownedFile } from '../../adapters/own-files.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import { eventTypes } from '../../domain/event-log/event-types.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { logPages } from '../log-pages.ts'
import { removeDatabase } from '../projections/generations.ts'
import { checkHandlers, ProjectError } from './module.ts'
import type { Fact, FactHandlers, OwnProjection } from './projection.ts'

export interface Projected {
  readonly events: number
  /** Of types or versions that this program does not know, passed over. */
  readonly unknown: number
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** In the header of what this made, so that nothing else is ever written over ("LDpr"). */
const applicationId = 0x4c447072
const pageSize = 5_000

const mayReplace = (out: string): boolean => {
  if (!existsSync(out)) return true
  let db: Database | undefined
  try {
    db = new Sqlite(out, { readonly: true })
    return db.pragma('application_id', { simple: true }) === applicationId
  } catch {
    return false
  } finally {
    db?.close()
  }
}

const factOf = (event: RecordedEvent): Fact => {
  const fact = { ...event, ticket: ticketOfStream(event.stream) }
  Reflect.deleteProperty(fact, 'personal')
  return fact
}

const handled = (handlers: FactHandlers, event: RecordedEvent): void => {
  try {
    const fact = factOf(event)
    handlers.any?.(fact)
    // A handler stands under its own event's type, which the compiler cannot follow through an index.
    const handle = handlers[event.type]
    if (handle !== undefined) Reflect.apply(handle, undefined, [fact])
  } catch (error) {
    const { type, position, stream, version } = event
    const [where] = /[^/\\(]+\.[cm]?[jt]s:\d+/.exec(error instanceof Error ? (error.stack ?? '') : '') ?? []
    const at = where === undefined ? '' : ` (${where})`
    throw new ProjectError(`${type} at position ${position} (${stream}, version ${version}): ${messageOf(error)}${at}`)
  }
}

const built = async (
  db: Database,
  store: EventStore,
  { tables, on, print }: OwnProjection,
  onProgress: (events: number) => void,
): Promise<Projected> => {
  db.pragma(`application_id = ${applicationId}`)
  let handlers: FactHandlers
  try {
    db.exec(tables)
    handlers = on(db)
  } catch (error) {
    throw new ProjectError(`the tables or the statements are wrong: ${messageOf(error)}`)
  }
  checkHandlers(handlers, Object.keys(eventTypes))
  let [events, unknown] = [0, 0]
  for await (const page of logPages(store, start, pageSize)) {
    db.exec('BEGIN')
    for (const stored of page) {
      const event = readEvent(stored)
      if (event === null) unknown++
      else handled(handlers, event)
    }
    db.exec('COMMIT')
    events += page.length
    onProgress(events)
  }
  if (print === undefined) return { events, unknown, columns: [], rows: [] }
  try {
    const query = db.prepare<[], Record<string, unknown>>(print)
    return { events, unknown, columns: query.columns().map(({ name }) => name), rows: query.all() }
  } catch (error) {
    throw new ProjectError(`the query to print is wrong: ${messageOf(error)}`)
  }
}

/**
 * Runs a projection over the whole log into a new SQLite file, which stands at `out` when all went well and not before.
 * @throws ProjectError naming the event that a handler failed at; and where `out` is a file that this did not make.
 */
export const project = async (
  store: EventStore,
  projection: OwnProjection,
  out: string,
  onProgress: (events: number) => void,
): Promise<Projected> => {
  if (!mayReplace(out)) throw new ProjectError(`${out} is there already, and was not made by "project"`)
  const draft = `${out}.draft`
  removeDatabase(draft)
  const db = new Sqlite(ownedFile(draft))
  try {
    db.pragma('journal_mode = MEMORY')
    db.pragma('synchronous = OFF')
    const projected = await built(db, store, projection, onProgress)
    db.close()
    renameSync(draft, out)
    return projected
  } finally {
    if (db.open) db.close()
    removeDatabase(draft)
  }
}
