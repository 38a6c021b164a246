import { files } from './files/files.ts'
import { notifications } from './notifications/notifications.ts'
import { people } from './people/people.ts'
import type { Projection } from './projection.ts'
import { reading } from './reading/reading.ts'
import { reports } from './reports/reports.ts'
import { search } from './search/search.ts'
import { sessions } from './sessions/sessions.ts'
import { tickets } from './ticket-list/ticket-list.ts'

/** Every read model of the helpdesk. */
export const helpdesk = { people, tickets, reading, notifications, files, search, sessions }
export type Helpdesk = typeof helpdesk

/** The reports' read model, in plain tables that other programs may read. */
export const reporting = { reports }
export type Reporting = typeof reporting

/** Sets of read models, each in a file of its own: `read-models.db`, `reports.db`. */
const sets = { 'read-models': helpdesk, reports: reporting } as const
export type ModelSet = keyof typeof sets
export const setNames: readonly ModelSet[] = ['read-models', 'reports']

export const projectionsOf = (set: ModelSet): readonly Projection<unknown>[] =>
  Object.values<Projection<unknown>>(sets[set])
