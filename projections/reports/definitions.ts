/** The kind of a column: days as `YYYY-MM-DD`, times in ISO 8601, hours and rates as fractions. */
export type ColumnKind = 'text' | 'day' | 'time' | 'count' | 'fraction'

/** A report: its columns and their exact meaning. Days are UTC; `from` and `to` are days, both included. */
export interface ReportDefinition {
  readonly title: string
  /** In their order. */
  readonly columns: Readonly<Record<string, ColumnKind>>
  /** Defines each column; printed by `ledgerdesk report --help`. */
  readonly help: string
}

export const definitions = {
  volume: {
    title: 'How many tickets come and go',
    columns: { day: 'day', opened: 'count', closed: 'count', reopened: 'count', backlog: 'count' },
    help: `A row for each day from --from to --to, or of the whole log, days without events too.
opened: tickets opened on that day. closed, reopened: how often any ticket was closed or reopened on that day.
backlog: tickets that were not closed at the day's end, those opened before --from included.`,
  },
  response: {
    title: 'How fast support answers and closes',
    columns: {
      category: 'text',
      tickets: 'count',
      firstResponseMedianHours: 'fraction',
      firstResponseP90Hours: 'fraction',
      closeMedianHours: 'fraction',
      closeP90Hours: 'fraction',
    },
    help: `A row for each category, over the tickets opened from --from to --to.
tickets: all of them. firstResponse: hours from opening to the first comment or take-up by support, over those that have
one; a take-up is a change to in progress because somebody of support took the ticket. close: hours from opening to the
last close, over those that were ever closed, reopened since or not. Median and 90th percentile lie between the two
nearest values, in proportion (linear interpolation). Empty where there is no value.`,
  },
  agents: {
    title: 'What each agent did',
    columns: { assignee: 'text', taken: 'count', comments: 'count', closed: 'count' },
    help: `A row for each of support who did one of these from --from to --to, by id.
taken: how often this agent took a ticket up, or took it over from another. comments, closed: this agent's comments and
closes, whoever the ticket was assigned to.`,
  },
  reopens: {
    title: 'How often closed tickets come back',
    columns: { category: 'text', closed: 'count', reopened: 'count', rate: 'fraction' },
    help: `A row for each category that had tickets opened, closed or reopened from --from to --to.
closed, reopened: how often that happened then. rate: reopened / closed; empty where nothing was closed.`,
  },
  tickets: {
    title: 'Every ticket',
    columns: {
      id: 'text',
      account: 'text',
      category: 'text',
      status: 'text',
      createdAt: 'time',
      firstResponseAt: 'time',
      closedAt: 'time',
      events: 'count',
      comments: 'count',
      reopens: 'count',
      assignee: 'text',
    },
    help: `A row for each ticket opened from --from to --to, in the order of opening, as it stands now.
firstResponseAt: the first comment or take-up by support. closedAt: the last close, while the ticket is closed.
events, comments, reopens: how many its stream holds, comments of both sides. assignee: an id.`,
  },
} as const satisfies Readonly<Record<string, ReportDefinition>>

export type ReportName = keyof typeof definitions

export const isReportName = (text: string): text is ReportName => Object.hasOwn(definitions, text)

export const columnsOf = (name: ReportName): readonly string[] => Object.keys(definitions[name].columns)
