import type { ActorRef } from '../actor.ts'
import type { RecordedEvent } from '../event-log/envelope.ts'
import type { PersonId } from '../ids.ts'
import { isTicketEvent, type TicketEvent } from '../ticket/events.ts'
import type { Kind } from './kinds.ts'

/** Who gets a notification; the event's own actor never does. */
export type Recipients =
  /** The customers involved with the ticket: its author, and who commented or attached a file. */
  | 'involved-customers'
  /** The ticket's assignee; the whole team where nobody is assigned. */
  | 'assignee-or-team'
  | { readonly person: PersonId }

export interface DueNotification {
  readonly kind: Kind
  readonly to: Recipients
}

/** What the rules read of a recorded event. The personal part may be erased: no rule depends on it. */
interface Fact<T> {
  readonly type: T
  readonly actor: ActorRef
  readonly data: Extract<TicketEvent, { readonly type: T }>['data']
}

type Rule<T> = (fact: Fact<T>) => readonly DueNotification[]

const bySupport = ({ actor }: Pick<Fact<unknown>, 'actor'>): boolean => actor.role === 'support'

const assignedToAnother = ({
  actor,
  data,
}: Pick<Fact<'Assigned' | 'StatusChanged'>, 'actor' | 'data'>): readonly DueNotification[] => {
  const assignee = data.assignee?.id
  return assignee === undefined || assignee === actor.id ? [] : [{ kind: 'assigned_to_you', to: { person: assignee } }]
}

/** The rule of each event that notifies somebody, by the table in docs/domain.md, "Notifications". */
export const rules: { readonly [T in TicketEvent['type']]?: Rule<T> } = {
  // A ticket that support opens for a customer notifies by the StatusChanged of the same append.
  Opened: (fact) => (bySupport(fact) ? [] : [{ kind: 'new_ticket', to: 'assignee-or-team' }]),
  CommentAdded: (fact) =>
    bySupport(fact)
      ? [{ kind: 'support_commented', to: 'involved-customers' }]
      : [{ kind: 'customer_commented', to: 'assignee-or-team' }],
  StatusChanged: (fact) => {
    if (!bySupport(fact) || fact.data.to !== 'waiting_for_customer') return assignedToAnother(fact)
    const kind = fact.data.cause === 'opened_for_customer' ? 'opened_for_you' : 'waiting_for_customer'
    return [{ kind, to: 'involved-customers' }, ...assignedToAnother(fact)]
  },
  Assigned: assignedToAnother,
  Closed: (fact) => (bySupport(fact) ? [{ kind: 'closed_by_support', to: 'involved-customers' }] : []),
  Reopened: (fact) => (bySupport(fact) ? [] : [{ kind: 'reopened', to: 'assignee-or-team' }]),
}

const apply = <T extends TicketEvent['type']>(fact: Fact<T>): readonly DueNotification[] =>
  rules[fact.type]?.(fact) ?? []

/** The notifications that an event is due; none for the events of streams other than a ticket's. */
export const notificationsFor = (event: RecordedEvent): readonly DueNotification[] =>
  isTicketEvent(event) ? apply(event) : []
