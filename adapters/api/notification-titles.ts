import type { Kind } from '../../domain/notification/kinds.ts'

/**
 * The kinds of notifications as people read them: on the preferences page of the web client, and on the page that a
 * mail's unsubscribe link leads to, which the server renders.
 */
export const notificationTitles: Readonly<Record<Kind, string>> = {
  closed_by_support: 'Support closed a ticket',
  opened_for_you: 'Support opened a ticket for you',
  waiting_for_customer: 'A ticket is waiting for you',
  support_commented: 'Support commented',
  reopened: 'A customer reopened a ticket',
  assigned_to_you: 'A ticket was assigned to you',
  customer_commented: 'A customer commented',
  new_ticket: 'A customer opened a ticket',
}
