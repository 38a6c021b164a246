import { files } from '../../projections/files/files.ts'
import type { Projection } from '../../projections/projection.ts'
import { notifications } from '../../projections/notifications/notifications.ts'
import { people } from '../../projections/people/people.ts'
import { reading } from '../../projections/reading/reading.ts'
import { reports } from '../../projections/reports/reports.ts'
import { search } from '../../projections/search/search.ts'
import { tickets } from '../../projections/ticket-list/ticket-list.ts'
import { sessions } from '../../projections/sessions/sessions.ts'
import type { ModelSet } from './generations.ts'

/** Every read model of the helpdesk. */
export const helpdesk = { people, tickets, reading, notifications, files, search, sessions }
export type Helpdesk = typeof helpdesk

/** What the reports count, in plain tables that other programs may read too. */
export const reporting = { reports }
export type Reporting = typeof reporting

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
