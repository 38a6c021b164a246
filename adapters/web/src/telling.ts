import type { HistoryResponse } from '../../api/response-schemas.ts'
import { words } from './words.ts'

export type HistoryEvent = HistoryResponse['items'][number]

const textIn = (record: unknown, key: string): string | null => {
  if (typeof record !== 'object' || record === null) return null
  const value: unknown = Object.entries(record).find(([name]) => name === key)?.[1]
  return typeof value === 'string' ? value : null
}

const statuses: Readonly<Record<string, string>> = words.statuses

/** What an event says of itself beside its type; empty where that is all. */
export const tellingOf = ({ type, data }: HistoryEvent): string => {
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
 * The first version whose event does not follow from the one before; null where all do. That each hash is that of its
 * own event the server has checked: a damaged ticket it does not serve.
 */
export const firstBreak = (events: readonly HistoryEvent[]): number | null => {
  const at = events.findIndex(
    ({ version, previousHash }, n) => version !== n + 1 || previousHash !== (events[n - 1]?.hash ?? ''),
  )
  return at < 0 ? null : at + 1
}
