import { erased } from '../domain/events/envelope.ts'
import { ticketOfStream } from '../domain/ids.ts'
import type { Projection } from './projection.ts'

/** A file that an event names. `name` is null once erased. */
export interface AttachedFile {
  readonly id: string
  readonly ticket: string
  readonly account: string
  readonly name: string | null
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
}

interface FileQueries {
  readonly find: (id: string) => AttachedFile | undefined
}

/** Which ticket a file belongs to, so that every request for it can be judged by the ticket's account. */
export const files: Projection<FileQueries> = {
  name: 'files',
  version: 1,
  tables: `
    CREATE TABLE file_tickets (ticket TEXT PRIMARY KEY, account TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE files (
      id TEXT PRIMARY KEY, ticket TEXT NOT NULL, name TEXT, media_type TEXT NOT NULL, size INTEGER NOT NULL,
      sha256 TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
  on: (db) => {
    const opened = db.prepare('INSERT INTO file_tickets (ticket, account) VALUES (?, ?)')
    const attached = db.prepare(
      `INSERT INTO files (id, ticket, name, media_type, size, sha256) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    return {
      Opened: ({ stream, data }) => void opened.run(ticketOfStream(stream), data.account),
      FileAttached: ({ stream, data, personal }) => {
        const name = personal === erased ? null : personal.name
        attached.run(data.file, ticketOfStream(stream), name, data.mediaType, data.size, data.sha256)
      },
    }
  },
  queries: (db) => {
    // the primary keys
    const find = db.prepare<[string], AttachedFile>(
      `SELECT f.id, f.ticket, t.account, f.name, f.media_type AS mediaType, f.size, f.sha256
       FROM files f JOIN file_tickets t ON t.ticket = f.ticket WHERE f.id = ?`,
    )
    return { find: (id) => find.get(id) }
  },
}
