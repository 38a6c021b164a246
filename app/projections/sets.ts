import { helpdesk, reporting } from '../../projections/registry.ts'
import type { Projection } from '../../projections/projection.ts'
import type { ModelSet } from './generations.ts'

/** The sets of read models, each in a file of its own. */
const sets = { 'read-models': helpdesk, reports: reporting } as const
export const setNames: readonly ModelSet[] = ['read-models', 'reports']

/** The read models of a set. */
export const projectionsOf = (set: ModelSet): readonly Projection<unknown>[] =>
  Object.values<Projection<unknown>>(sets[set])

/** Their names. */
export const namesOf = (set: ModelSet): readonly string[] => projectionsOf(set).map(({ name }) => name)

/** What to build of each set so that these are built, or all where none is named. */
export const partsOf = (names: readonly string[] = []) =>
  setNames.flatMap((set) => {
    const own = namesOf(set).filter((name) => names.length === 0 || names.includes(name))
    return own.length === 0 ? [] : [{ set, names: own }]
  })
