import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import * as t from 'io-ts'
import { messageOf } from '../../adapters/errors.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { eventTypes, isEventType, type EventType } from '../../domain/event-log/event-types.ts'
import type { TicketId } from '../../domain/ids.ts'
import { Failed } from '../failures.ts'

/**
 * An event as an own projection gets it: facts and ids, without the personal part. `ticket` is null for events of other
 * streams; times are ISO 8601 in UTC; `position` is a decimal text that grows along the log.
 */
export type Fact<T extends EventType = EventType> = T extends EventType
  ? Omit<Extract<RecordedEvent, { readonly type: T }>, 'personal'> & { readonly ticket: TicketId | null }
  : never

/** The handler of each event type; `any` is called for every event, before its own handler. */
export type FactHandlers = { readonly [T in EventType]?: (event: Fact<T>) => void } & {
  readonly any?: (event: Fact) => void
}

/** An own projection, which a module exports as `projection`: see docs/own-projection.md. */
export interface OwnProjection {
  /** SQL that creates the tables. */
  readonly tables: string
  /** Prepares statements once and returns the handlers, which get the log from its first event on. */
  readonly on: (db: Database) => FactHandlers
  /** A query whose rows are printed at the end. */
  readonly print?: string
}

export const projectionFailed = (reason: string): Failed => new Failed({ code: 'FailedProjection', reason })

// The types of a function's arguments and result cannot be checked at run time.
const isProjection = (value: unknown): value is OwnProjection =>
  t.intersection([t.type({ tables: t.string, on: t.Function }), t.partial({ print: t.string })]).is(value)

const Exports = t.type({ projection: t.unknown })

/** Imports a module. @throws Failed where it cannot be loaded or exports no `projection`. */
export const loadProjection = async (file: string): Promise<OwnProjection> => {
  let exported: unknown
  try {
    exported = await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    throw projectionFailed(`${file} cannot be loaded: ${messageOf(error)}`)
  }
  if (!Exports.is(exported) || !isProjection(exported.projection)) {
    throw projectionFailed(`${file} must export a "projection" with "tables" (SQL) and "on" (db => handlers)`)
  }
  return exported.projection
}

/** @throws Failed for a handler of a type that does not exist. */
export const checkHandlers = (handlers: FactHandlers): void => {
  const unknown = Object.keys(handlers).find((name) => name !== 'any' && !isEventType(name))
  if (unknown === undefined) return
  throw projectionFailed(`no event is called "${unknown}"; there are ${Object.keys(eventTypes).join(', ')}, any`)
}
