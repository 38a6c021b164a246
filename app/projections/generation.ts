import type { Database } from 'better-sqlite3'
import type { Projection, Queries } from '../../projections/projection.ts'
import type { Comparison } from './compare-with-build.ts'
import { projectionRunner, type ProjectionRunner } from './projection-runner.ts'
import { openReadModelFile } from './read-model-file.ts'
import { notReady, watched, type AnyQuery } from './watched-queries.ts'

/** Read models by their keys. */
export type Models = Readonly<Record<string, Projection<unknown>>>

/** An open file of read models, and how it fits those of this build. */
export interface Generation<M> extends Comparison {
  readonly file: string
  /** Another number for each opening: a file may be made anew under the same name. */
  readonly opening: number
  readonly db: Database
  /** None of its read models is fed. */
  readonly isIdle: boolean
  /** Feeds those that are current. */
  readonly runner: ProjectionRunner
  readonly queries: Queries<M>
  /** The queries where these read models alone answer; those of others throw `ReadModelNotReady`. */
  readonly queriesOf: (answering: ReadonlySet<string>) => Queries<M>
}

interface GenerationPorts {
  /** Gets the reason why a file that could not be used was made anew. */
  readonly onRemade: (reason: string) => void
  /** Gets what a query met in a damaged file. */
  readonly onDamage: (error: unknown) => void
  /** Why the read model of this name does not answer. */
  readonly notReadyReason: (name: string) => string
}

let openings = 0

/** Opens a file, or makes it. @throws as `openReadModelFile`. */
export const openGeneration = <M extends Models>(
  file: string,
  models: M,
  { onRemade, onDamage, notReadyReason }: GenerationPorts,
): Generation<M> => {
  const projections = Object.values(models)
  const { db, comparison } = openReadModelFile(file, projections, onRemade)
  const fed = projections.filter(({ name }) => comparison.current.has(name))
  const queriesOf = (answering: ReadonlySet<string>): Queries<M> => {
    const all = Object.entries(models).map(([key, model]) => [
      key,
      answering.has(model.name)
        ? watched(db, model.queries(db) as Record<string, AnyQuery>, onDamage)
        : notReady(() => notReadyReason(model.name)),
    ])
    // Each query keeps its arguments and its result, so the shape is that of the projections.
    return Object.fromEntries(all) as Queries<M>
  }
  return {
    ...comparison,
    file,
    opening: ++openings,
    db,
    isIdle: fed.length === 0,
    runner: projectionRunner(db, fed),
    queries: queriesOf(comparison.answering),
    queriesOf,
  }
}
