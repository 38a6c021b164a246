import type { TicketEvent } from '../../../domain/ticket/events.ts'
import type { HistoryResponse } from '../../api/response-schemas.ts'
import { isTicketEventType, words } from './words.ts'

export type HistoryEvent = HistoryResponse['items'][number]

const textIn = (record: unknown, key: string): string | null => {
  if (typeof record !== 'object' || record === null) return null
  const value: unknown = Object.entries(record).find(([name]) => name === key)?.[1]
  return typeof value === 'string' ? value : null
}

const statuses: Readonly<Record<string, string>> = words.statuses

/** A text of an event's data; "(erased)" where it is missing. */
type Field = (name: string) => string

/** What happened, beside the event's type, for each type; empty where the type says all. */
const descriptions: { readonly [T in TicketEvent['type']]: (field: Field, assignee: string | null) => string } = {
  Opened: (field) => field('subject'),
  CommentAdded: (field) => field('body'),
  FileAttached: (field) => field('name'),
  StatusChanged: (field, assignee) => {
    const moved = words.moved(statuses[field('from')] ?? field('from'), statuses[field('to')] ?? field('to'))
    return assignee === null ? moved : `${moved}, ${words.assigned(assignee)}`
  },
  Assigned: (_field, assignee) => words.assigned(assignee ?? words.erased),
  Closed: () => '',
  Reopened: () => '',
}

/** The description of an event; empty where the server knows more types than these pages. */
export const descriptionOf = ({ type, data }: HistoryEvent): string =>
  isTicketEventType(type)
    ? descriptions[type]((name) => textIn(data, name) ?? words.erased, textIn(data['assignee'], 'name'))
    : ''

/**
 * The first version whose event is not chained to the one before; null where all are. That each hash matches its event is
 * checked by the server, which refuses a damaged stream.
 */
export const firstBreak = (events: readonly HistoryEvent[]): number | null => {
  const at = events.findIndex(
    ({ version, previousHash }, n) => version !== n + 1 || previousHash !== (events[n - 1]?.hash ?? ''),
  )
  return at < 0 ? null : at + 1
}
