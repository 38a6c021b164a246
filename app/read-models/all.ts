import { files } from '../../projections/files.ts'
import { notifications } from '../../projections/notifications.ts'
import { people } from '../../projections/people.ts'
import { reading } from '../../projections/reading.ts'
import { search } from '../../projections/search/search.ts'
import { tickets } from '../../projections/tickets.ts'

/** Every read model of the helpdesk. */
export const helpdesk = { people, tickets, reading, notifications, files, search }
export type Helpdesk = typeof helpdesk

/** The sets of read models, each in a file of its own. */
export const sets = { 'read-models': helpdesk } as const
