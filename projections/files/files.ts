import type { Database } from 'better-sqlite3'
import { erased } from '../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import type { Handlers, Projection } from '../projection.ts'
import { holdRows, together } from '../cache/row-cache.ts'

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

interface Opened {
  readonly ticket: string
  readonly account: string
}

interface Row {
  readonly id: string
  readonly ticket: string
  readonly name: string | null
  readonly media_type: string
  readonly size: number
  readonly sha256: string
}

const handlers = (db: Database, alone = false): Handlers => {
  const tickets = holdRows<Opened>(db, 'file_tickets', ['ticket'], ['account'], alone)
  const attached = holdRows<Row>(db, 'files', ['id'], ['ticket', 'name', 'media_type', 'size', 'sha256'], alone)
  return {
    ...together(tickets, attached),
    Opened: ({ stream, data: { account } }) => void tickets.add({ ticket: ticketOfStream(stream) ?? '', account }),
    FileAttached: ({ stream, data, personal }) => {
      if (attached.get(data.file) !== undefined) return
      attached.add({
        id: data.file,
        ticket: ticketOfStream(stream) ?? '',
        name: personal === erased ? null : personal.name,
        media_type: data.mediaType,
        size: data.size,
        sha256: data.sha256,
      })
    },
  }
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
  on: handlers,
  queries: (db) => {
    // the primary keys
    const find = db.prepare<[string], AttachedFile>(
      `SELECT f.id, f.ticket, t.account, f.name, f.media_type AS mediaType, f.size, f.sha256
       FROM files f JOIN file_tickets t ON t.ticket = f.ticket WHERE f.id = ?`,
    )
    return { find: (id) => find.get(id) }
  },
}
