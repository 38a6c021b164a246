/**
 * The reporting tables: plain ones, for any SQL tool. Ids and facts alone, no name, mail or text. Times are ISO 8601 in
 * UTC, days their first ten characters. README, "Reports", describes each column.
 */
export const reportTables = `
  CREATE TABLE report_tickets (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    -- the first comment or take-up by support
    first_response_at TEXT,
    -- while it is closed
    closed_at TEXT,
    -- whether it was reopened since or not
    last_closed_at TEXT,
    events INTEGER NOT NULL,
    comments INTEGER NOT NULL,
    reopens INTEGER NOT NULL,
    assignee TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE report_days (
    day TEXT NOT NULL, category TEXT NOT NULL,
    opened INTEGER NOT NULL, closed INTEGER NOT NULL, reopened INTEGER NOT NULL,
    PRIMARY KEY (day, category)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE report_agents (
    day TEXT NOT NULL, category TEXT NOT NULL, agent TEXT NOT NULL,
    taken INTEGER NOT NULL, comments INTEGER NOT NULL, closed INTEGER NOT NULL,
    PRIMARY KEY (day, category, agent)
  ) STRICT, WITHOUT ROWID;
`

export interface TicketFacts {
  readonly id: string
  readonly account: string
  readonly category: string
  status: string
  readonly created_at: string
  first_response_at: string | null
  closed_at: string | null
  last_closed_at: string | null
  events: number
  comments: number
  reopens: number
  assignee: string | null
}

export interface DayCounts {
  readonly day: string
  readonly category: string
  opened: number
  closed: number
  reopened: number
}

export interface AgentCounts {
  readonly day: string
  readonly category: string
  readonly agent: string
  taken: number
  comments: number
  closed: number
}
