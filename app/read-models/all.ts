import { files } from '../../projections/files.ts'
import { notifications } from '../../projections/notifications.ts'
import { people } from '../../projections/people.ts'
import { reading } from '../../projections/reading.ts'
import { reports } from '../../projections/reports/reports.ts'
import { search } from '../../projections/search/search.ts'
import { tickets } from '../../projections/tickets.ts'
import type { ModelSet } from './generations.ts'

/** Every read model of the helpdesk. */
export const helpdesk = { people, tickets, reading, notifications, files, search }
export type Helpdesk = typeof helpdesk

/** What the reports count, in plain tables that other programs may read too. */
export const reporting = { reports }
export type Reporting = typeof reporting

/** The sets of read models, each in a file of its own. */
export const sets = { 'read-models': helpdesk, reports: reporting } as const
export const setNames: readonly ModelSet[] = ['read-models', 'reports']
