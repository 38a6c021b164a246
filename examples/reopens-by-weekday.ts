import type { OwnProjection } from '../app/project/projection.ts'

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** How often tickets come back on each day of the week (UTC). */
export const projection: OwnProjection = {
  tables: 'CREATE TABLE reopens (weekday TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT',
  on: (db) => {
    const count = db.prepare('INSERT INTO reopens VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1')
    return {
      Reopened: ({ occurredAt }) => void count.run(weekdays[new Date(occurredAt).getUTCDay()]),
    }
  },
  print: 'SELECT weekday, n FROM reopens ORDER BY n DESC, weekday',
}
