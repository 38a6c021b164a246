import { files } from './files/files.ts'
import { notifications } from './notifications/notifications.ts'
import { people } from './people/people.ts'
import { reading } from './reading/reading.ts'
import { reports } from './reports/reports.ts'
import { search } from './search/search.ts'
import { tickets } from './ticket-list/ticket-list.ts'
import { sessions } from './sessions/sessions.ts'

/** Every read model of the helpdesk. */
export const helpdesk = { people, tickets, reading, notifications, files, search, sessions }
export type Helpdesk = typeof helpdesk

/** What the reports count, in plain tables that other programs may read too. */
export const reporting = { reports }
export type Reporting = typeof reporting
