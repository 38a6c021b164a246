import { erased } from '../../domain/event-log/envelope.ts'
import { ticketOf, type AccountId, type TicketId } from '../../domain/ids.ts'
import { rowCache } from '../cache/row-cache.ts'
import { defineTable, integer, nullable, text, textOf } from '../cache/table.ts'
import type { Projection } from '../projection.ts'

/** A file that an event names. `name` is null once erased. */
export interface AttachedFile {
  readonly id: string
  readonly ticket: TicketId
  readonly account: AccountId
  readonly name: string | null
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
}

interface FileQueries {
  readonly find: (id: string) => AttachedFile | undefined
}

const fileTickets = defineTable(
  'file_tickets',
  { ticket: textOf<TicketId>(), account: textOf<AccountId>() },
  { key: ['ticket'] },
)

const attachedFiles = defineTable(
  'files',
  { id: text, ticket: textOf<TicketId>(), name: nullable(text), media_type: text, size: integer, sha256: text },
  { key: ['id'] },
)

/** The ticket and account that each file belongs to: the account decides who may download it. */
export const files: Projection<FileQueries> = {
  name: 'files',
  version: 1,
  tables: fileTickets.sql + attachedFiles.sql,
  on: (context) => {
    const tickets = rowCache(context, fileTickets)
    const attached = rowCache(context, attachedFiles)
    return {
      Opened: (event) => void tickets.add({ ticket: ticketOf(event), account: event.data.account }),
      FileAttached: (event) => {
        const { data, personal } = event
        if (attached.get(data.file) !== undefined) return
        attached.add({
          id: data.file,
          ticket: ticketOf(event),
          name: personal === erased ? null : personal.name,
          media_type: data.mediaType,
          size: data.size,
          sha256: data.sha256,
        })
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
