import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import * as t from 'io-ts'
import { messageOf } from '../../adapters/errors.ts'
import { isEventType } from '../../domain/event-log/event-types.ts'
import type { FactHandlers, OwnProjection } from './projection.ts'

/** The module, or what it does with an event, is not what it should be. */
export class ProjectError extends Error {}

// A function's arguments and answer cannot be looked at; the type of the module holds them.
const isProjection = (value: unknown): value is OwnProjection =>
  t.intersection([t.type({ tables: t.string, on: t.Function }), t.partial({ print: t.string })]).is(value)

const Exports = t.type({ projection: t.unknown })

/**
 * Loads an analyst's module.
 * @throws ProjectError where it cannot be loaded or exports no `projection`.
 */
export const loadProjection = async (file: string): Promise<OwnProjection> => {
  let exported: unknown
  try {
    exported = await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    throw new ProjectError(`${file} cannot be loaded: ${messageOf(error)}`)
  }
  if (!Exports.is(exported) || !isProjection(exported.projection)) {
    throw new ProjectError(`${file} must export a "projection" with "tables" (SQL) and "on" (db => handlers)`)
  }
  return exported.projection
}

/** @throws ProjectError naming a handler that no event would ever reach. */
export const checkHandlers = (handlers: FactHandlers, known: readonly string[]): void => {
  const stray = Object.keys(handlers).find((name) => name !== 'any' && !isEventType(name))
  if (stray !== undefined) throw new ProjectError(`no event is called "${stray}"; there are ${known.join(', ')}, any`)
}
