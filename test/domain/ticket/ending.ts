import type { Given } from '../../support/given-when-then.ts'
import { ann, bob, sue, tom } from '../../support/people.ts'
import { close, reopen } from './commands.ts'
import { closed, commentAdded, fileAttached, log, opened, reopened, shot, standing } from './events.ts'

/** Row "close": from any status, by both; its assignee stays. */
export const closing = (spec: (name: string) => Given): void => {
  for (const actor of [ann, sue]) {
    for (const assignee of [undefined, sue, tom]) {
      const by = assignee?.name ?? 'nobody'
      for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
        spec(`${actor.name} closes one that is ${from}, assigned to ${by}`)
          .given(...standing(from, assignee))
          .when(close(actor))
          .then(closed)
          .leaving('closed', assignee)
      }
      spec(`${actor.name} closes a closed one, assigned to ${by}: no event`)
        .given(...standing('closed', assignee))
        .when(close(actor))
        .thenNothing()
        .leaving('closed', assignee)
    }
  }
}

/** Row "reopen": by both, with a message; open again, and its assignee stays. */
export const reopening = (spec: (name: string) => Given): void => {
  for (const actor of [bob, sue]) {
    for (const assignee of [undefined, sue, tom]) {
      const by = assignee?.name ?? 'nobody'
      spec(`${actor.name} reopens one assigned to ${by}`)
        .given(...standing('closed', assignee))
        .when(reopen(actor, 'It is back'))
        .then(reopened, commentAdded('It is back'))
        .leaving('open', assignee)

      for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
        spec(`${actor.name} reopens one that is ${from}, assigned to ${by}`)
          .given(...standing(from, assignee))
          .when(reopen(actor, 'It is back'))
          .thenRefused('TicketNotClosed')
      }
    }
  }

  spec('files of a reopening stand behind its comment')
    .given(...standing('closed', sue))
    .when(reopen(bob, 'See', log, shot))
    .then(reopened, commentAdded('See'), fileAttached(log), fileAttached(shot))
    .leaving('open', sue)

  spec('a ticket may be closed and reopened again and again')
    .given(opened(), closed, reopened, commentAdded('Once'), closed)
    .when(reopen(bob, 'Twice'))
    .then(reopened, commentAdded('Twice'))
    .leaving('open')
}
