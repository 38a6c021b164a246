import type { Database } from 'better-sqlite3'
import { isDamage, isMachineTrouble, messageOf } from '../../adapters/errors.ts'
import { ReadModelNotReady } from '../../projections/projection.ts'

export type AnyQuery = (...given: readonly unknown[]) => unknown

/**
 * The same queries. A read that fails is done once more; a file that is damaged then is reported. What the disk fails is
 * not ready: it is no bug of the query.
 */
export const watched = (
  db: Database,
  queries: Record<string, AnyQuery>,
  onDamage: (error: unknown) => void,
): Record<string, AnyQuery> => {
  const failed = (error: unknown): unknown => {
    if (!db.open) return new ReadModelNotReady('the read models are opened again')
    if (!isMachineTrouble(error)) return error
    if (isDamage(error)) onDamage(error)
    return new ReadModelNotReady(`the read models cannot be read: ${messageOf(error)}`)
  }
  const watch =
    (query: AnyQuery): AnyQuery =>
    (...given) => {
      try {
        return query(...given)
      } catch (error) {
        if (!isMachineTrouble(error)) throw failed(error)
      }
      try {
        return query(...given)
      } catch (error) {
        throw failed(error)
      }
    }
  return Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, watch(query)]))
}

/** Queries that throw `ReadModelNotReady` with the reason, whichever is called. */
export const notReady = (reason: () => string): object =>
  new Proxy(
    {},
    {
      get: () => {
        throw new ReadModelNotReady(reason())
      },
    },
  )

/** The queries of read models that have caught up. @throws ReadModelNotReady before. */
export const caughtUpQueries = <Q>(models: { readonly ready: () => boolean; readonly queries: () => Q }): Q => {
  if (!models.ready()) throw new ReadModelNotReady('the read models are catching up with the log')
  return models.queries()
}
