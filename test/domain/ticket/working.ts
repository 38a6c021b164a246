import type { Given } from '../../support/given-when-then.ts'
import { sue, tom } from '../../support/people.ts'
import { assign, status, take } from './commands.ts'
import { assigned, standing, statusChanged } from './events.ts'

/** Row "take": in progress, and the actor's. */
export const taking = (spec: (name: string) => Given): void => {
  for (const assignee of [undefined, sue, tom]) {
    for (const from of ['open', 'waiting_for_customer'] as const) {
      spec(`take, from ${from} assigned to ${assignee?.name ?? 'nobody'}`)
        .given(...standing(from, assignee))
        .when(take(sue))
        .then(statusChanged(from, 'in_progress', 'taken', sue))
        .leaving('in_progress', sue)
    }
    spec(`take a closed ticket assigned to ${assignee?.name ?? 'nobody'}`)
      .given(...standing('closed', assignee))
      .when(take(sue))
      .thenRefused('TicketClosed')
  }

  for (const assignee of [undefined, tom]) {
    spec(`take one in progress assigned to ${assignee?.name ?? 'nobody'}: only the assignee changes`)
      .given(...standing('in_progress', assignee))
      .when(take(sue))
      .then(assigned(sue))
      .leaving('in_progress', sue)
  }

  spec('take what one has in progress adds no event')
    .given(...standing('in_progress', sue))
    .when(take(sue))
    .thenNothing()
    .leaving('in_progress', sue)
}

/** Row "status": as named; whoever sets it takes an unassigned ticket. */
export const settingStatus = (spec: (name: string) => Given): void => {
  for (const assignee of [undefined, sue, tom]) {
    const by = assignee?.name ?? 'nobody'
    const newly = assignee === undefined ? sue : undefined

    spec(`status in progress takes up an open ticket assigned to ${by}`)
      .given(...standing('open', assignee))
      .when(status(sue, 'in_progress'))
      .then(statusChanged('open', 'in_progress', 'taken', newly))
      .leaving('in_progress', assignee ?? sue)

    spec(`status in progress resumes a waiting ticket assigned to ${by}`)
      .given(...standing('waiting_for_customer', assignee))
      .when(status(sue, 'in_progress'))
      .then(statusChanged('waiting_for_customer', 'in_progress', 'resumed', newly))
      .leaving('in_progress', assignee ?? sue)

    for (const from of ['open', 'in_progress'] as const) {
      spec(`status waiting asks the customer, from ${from} assigned to ${by}`)
        .given(...standing(from, assignee))
        .when(status(sue, 'waiting_for_customer'))
        .then(statusChanged(from, 'waiting_for_customer', 'asked', newly))
        .leaving('waiting_for_customer', assignee ?? sue)
    }

    for (const named of ['in_progress', 'waiting_for_customer'] as const) {
      spec(`status ${named} where it is so already, assigned to ${by}, adds no event`)
        .given(...standing(named, assignee))
        .when(status(sue, named))
        .thenNothing()
        .leaving(named, assignee)

      spec(`status ${named} on a closed ticket assigned to ${by}`)
        .given(...standing('closed', assignee))
        .when(status(sue, named))
        .thenRefused('TicketClosed')
    }
  }
}

/** Row "assign": the assignee changes, the status never does. */
export const assigning = (spec: (name: string) => Given): void => {
  for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
    for (const assignee of [undefined, sue]) {
      spec(`assign one that is ${from}, assigned to ${assignee?.name ?? 'nobody'}, to a colleague`)
        .given(...standing(from, assignee))
        .when(assign(sue, tom))
        .then(assigned(tom))
        .leaving(from, tom)
    }
    spec(`assign one that is ${from} to its assignee adds no event`)
      .given(...standing(from, tom))
      .when(assign(sue, tom))
      .thenNothing()
      .leaving(from, tom)
  }
  for (const assignee of [undefined, sue, tom]) {
    spec(`assign a closed ticket assigned to ${assignee?.name ?? 'nobody'}`)
      .given(...standing('closed', assignee))
      .when(assign(sue, tom))
      .thenRefused('TicketClosed')
  }
}
