import type { HistoryResponse } from '../../api/response-schemas.ts'
import { words } from './words.ts'

export type HistoryEvent = HistoryResponse['items'][number]

const textIn = (record: unknown, key: string): string | null => {
  if (typeof record !== 'object' || record === null) return null
  const value: unknown = Object.entries(record).find(([name]) => name === key)?.[1]
  return typeof value === 'string' ? value : null
}

const statuses: Readonly<Record<string, string>> = words.statuses

/** What happened, beside the event's type; empty where the type says all. */
export const descriptionOf = ({ type, data }: HistoryEvent): string => {
  const field = (name: string): string => textIn(data, name) ?? words.erased
  const assignee = textIn(data['assignee'], 'name')
  switch (type) {
    case 'Opened':
      return field('subject')
    case 'CommentAdded':
      return field('body')
    case 'FileAttached':
      return field('name')
    case 'StatusChanged': {
      const moved = words.moved(statuses[field('from')] ?? field('from'), statuses[field('to')] ?? field('to'))
      return assignee === null ? moved : `${moved}, ${words.assigned(assignee)}`
    }
    case 'Assigned':
      return words.assigned(assignee ?? words.erased)
    default:
      return ''
  }
}

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
