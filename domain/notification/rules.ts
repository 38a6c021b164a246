import type { RecordedEvent } from '../event-log/envelope.ts'
import type { Kind } from './kinds.ts'

/** Whom an event is news for, never its own actor. */
export type Audience =
  /** The customers involved with the ticket: its author, and who commented or attached a file. */
  | 'involved'
  /** The ticket's assignee; the whole team where nobody is assigned. */
  | 'desk'
  | { readonly person: string }

export interface News {
  readonly kind: Kind
  readonly to: Audience
}

const givenTo = (event: Extract<RecordedEvent, { type: 'Assigned' | 'StatusChanged' }>): readonly News[] => {
  const assignee = event.data.assignee?.id
  return assignee === undefined || assignee === event.actor.id
    ? []
    : [{ kind: 'assigned_to_you', to: { person: assignee } }]
}

/**
 * What an event tells, by the table of domain.md, "Notifications". A ticket that support opens for a customer is news
 * for the customer alone: its assignee is who opened it.
 */
export const newsOf = (event: RecordedEvent): readonly News[] => {
  const bySupport = event.actor.role === 'support'
  switch (event.type) {
    case 'Opened':
      return bySupport ? [] : [{ kind: 'new_ticket', to: 'desk' }]
    case 'CommentAdded':
      return [bySupport ? { kind: 'support_commented', to: 'involved' } : { kind: 'customer_commented', to: 'desk' }]
    case 'Reopened':
      return bySupport ? [] : [{ kind: 'reopened', to: 'desk' }]
    case 'Closed':
      return bySupport ? [{ kind: 'closed_by_support', to: 'involved' }] : []
    case 'StatusChanged': {
      if (!bySupport || event.data.to !== 'waiting_for_customer') return givenTo(event)
      const kind = event.data.cause === 'opened_for_customer' ? 'opened_for_you' : 'waiting_for_customer'
      return [{ kind, to: 'involved' }, ...givenTo(event)]
    }
    case 'Assigned':
      return givenTo(event)
    default:
      return []
  }
}
