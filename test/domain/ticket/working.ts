import type { Given } from '../../support/given-when-then.ts'
import { sue, tom } from '../../support/people.ts'
import { assign, status, take } from './commands.ts'
import { assigned, standing, statusChanged } from './events.ts'

/** Row "take": in progress, and the actor's. */
export const taking = (spec: (name: string) => Given): void => {
  for (const holder of [undefined, sue, tom]) {
    for (const from of ['open', 'waiting_for_customer'] as const) {
      spec(`take, from ${from} held by ${holder?.name ?? 'nobody'}`)
        .given(...standing(from, holder))
        .when(take(sue))
        .then(statusChanged(from, 'in_progress', 'taken', sue))
        .leaving('in_progress', sue)
    }
    spec(`take a closed ticket held by ${holder?.name ?? 'nobody'}`)
      .given(...standing('closed', holder))
      .when(take(sue))
      .thenRefused('TicketClosed')
  }

  for (const holder of [undefined, tom]) {
    spec(`take one in progress held by ${holder?.name ?? 'nobody'}: only the assignee changes`)
      .given(...standing('in_progress', holder))
      .when(take(sue))
      .then(assigned(sue))
      .leaving('in_progress', sue)
  }

  spec('take what one has in progress is no news')
    .given(...standing('in_progress', sue))
    .when(take(sue))
    .thenNothing()
    .leaving('in_progress', sue)
}

/** Row "status": as named; whoever names it holds the ticket if nobody did. */
export const naming = (spec: (name: string) => Given): void => {
  for (const holder of [undefined, sue, tom]) {
    const by = holder?.name ?? 'nobody'
    const newly = holder === undefined ? sue : undefined

    spec(`status in progress takes up an open ticket held by ${by}`)
      .given(...standing('open', holder))
      .when(status(sue, 'in_progress'))
      .then(statusChanged('open', 'in_progress', 'taken', newly))
      .leaving('in_progress', holder ?? sue)

    spec(`status in progress resumes a waiting ticket held by ${by}`)
      .given(...standing('waiting_for_customer', holder))
      .when(status(sue, 'in_progress'))
      .then(statusChanged('waiting_for_customer', 'in_progress', 'resumed', newly))
      .leaving('in_progress', holder ?? sue)

    for (const from of ['open', 'in_progress'] as const) {
      spec(`status waiting asks the customer, from ${from} held by ${by}`)
        .given(...standing(from, holder))
        .when(status(sue, 'waiting_for_customer'))
        .then(statusChanged(from, 'waiting_for_customer', 'asked', newly))
        .leaving('waiting_for_customer', holder ?? sue)
    }

    for (const named of ['in_progress', 'waiting_for_customer'] as const) {
      spec(`status ${named} where it is so already, held by ${by}, is no news`)
        .given(...standing(named, holder))
        .when(status(sue, named))
        .thenNothing()
        .leaving(named, holder)

      spec(`status ${named} on a closed ticket held by ${by}`)
        .given(...standing('closed', holder))
        .when(status(sue, named))
        .thenRefused('TicketClosed')
    }
  }
}

/** Row "assign": the assignee changes, the status never does. */
export const assigning = (spec: (name: string) => Given): void => {
  for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
    for (const holder of [undefined, sue]) {
      spec(`assign one that is ${from}, held by ${holder?.name ?? 'nobody'}, to a colleague`)
        .given(...standing(from, holder))
        .when(assign(sue, tom))
        .then(assigned(tom))
        .leaving(from, tom)
    }
    spec(`assign one that is ${from} to who holds it is no news`)
      .given(...standing(from, tom))
      .when(assign(sue, tom))
      .thenNothing()
      .leaving(from, tom)
  }
  for (const holder of [undefined, sue, tom]) {
    spec(`assign a closed ticket held by ${holder?.name ?? 'nobody'}`)
      .given(...standing('closed', holder))
      .when(assign(sue, tom))
      .thenRefused('TicketClosed')
  }
}
