import { existsSync, renameSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { messageOf } from '../../adapters/errors.ts'
import { ownedFile } from '../../adapters/own-files.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { attempt, type Failure } from '../failures.ts'
import { logPages } from '../log-pages.ts'
import { removeDatabase } from '../projections/generations.ts'
import {
  checkHandlers,
  loadProjection,
  projectionFailed,
  type Fact,
  type FactHandlers,
  type OwnProjection,
} from './projection.ts'

export interface Projected {
  readonly events: number
  /** Skipped events, of types or versions that this build does not know. */
  readonly unknown: number
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Marks the files that this command created ("LDpr"), so that no other file is ever overwritten. */
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

const handle = (handlers: FactHandlers, event: RecordedEvent): void => {
  try {
    const fact = factOf(event)
    handlers.any?.(fact)
    // The handler of `event.type` takes this fact, which the compiler cannot infer through an index.
    const handler = handlers[event.type]
    if (handler !== undefined) Reflect.apply(handler, undefined, [fact])
  } catch (error) {
    const { type, position, stream, version } = event
    const [where] = /[^/\\(]+\.[cm]?[jt]s:\d+/.exec(error instanceof Error ? (error.stack ?? '') : '') ?? []
    const at = where === undefined ? '' : ` (${where})`
    throw projectionFailed(`${type} at position ${position} (${stream}, version ${version}): ${messageOf(error)}${at}`)
  }
}

const build = async (
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
    throw projectionFailed(`the tables or the statements are wrong: ${messageOf(error)}`)
  }
  checkHandlers(handlers)
  let [events, unknown] = [0, 0]
  for await (const page of logPages(store, start, pageSize)) {
    db.exec('BEGIN')
    for (const stored of page) {
      const event = decodeEvent(stored)
      if (event === null) unknown++
      else handle(handlers, event)
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
    throw projectionFailed(`the query to print is wrong: ${messageOf(error)}`)
  }
}

/**
 * Loads a module's projection and runs it over the whole log into a new SQLite file, which replaces `out` only once it is
 * complete. Fails where a handler throws, naming its event, and where `out` exists and was not made by this command.
 */
export const project = (
  store: EventStore,
  module: string,
  out: string,
  onProgress: (events: number) => void,
): TaskEither<Failure, Projected> =>
  attempt(async () => {
    const projection = await loadProjection(module)
    if (!mayReplace(out)) throw projectionFailed(`${out} exists, and was not made by "project"; choose another file`)
    const draft = `${out}.draft`
    removeDatabase(draft)
    const db = new Sqlite(ownedFile(draft))
    try {
      db.pragma('journal_mode = MEMORY')
      db.pragma('synchronous = OFF')
      const projected = await build(db, store, projection, onProgress)
      db.close()
      renameSync(draft, out)
      return right(projected)
    } finally {
      if (db.open) db.close()
      removeDatabase(draft)
    }
  })
