import type { Given } from '../../support/given-when-then.ts'
import { ann, bob, sue, tom } from '../../support/people.ts'
import { close, reopen } from './commands.ts'
import { closed, commentAdded, fileAttached, log, opened, reopened, shot, standing } from './events.ts'

/** Row "close": from any status, by both; who holds the ticket stays. */
export const closing = (spec: (name: string) => Given): void => {
  for (const actor of [ann, sue]) {
    for (const holder of [undefined, sue, tom]) {
      const by = holder?.name ?? 'nobody'
      for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
        spec(`${actor.name} closes one that is ${from}, held by ${by}`)
          .given(...standing(from, holder))
          .when(close(actor))
          .then(closed)
          .leaving('closed', holder)
      }
      spec(`${actor.name} closes a closed one, held by ${by}: no news`)
        .given(...standing('closed', holder))
        .when(close(actor))
        .thenNothing()
        .leaving('closed', holder)
    }
  }
}

/** Row "reopen": by both, with a message; open again, and who held it still does. */
export const reopening = (spec: (name: string) => Given): void => {
  for (const actor of [bob, sue]) {
    for (const holder of [undefined, sue, tom]) {
      const by = holder?.name ?? 'nobody'
      spec(`${actor.name} reopens one held by ${by}`)
        .given(...standing('closed', holder))
        .when(reopen(actor, 'It is back'))
        .then(reopened, commentAdded('It is back'))
        .leaving('open', holder)

      for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
        spec(`${actor.name} reopens one that is ${from}, held by ${by}`)
          .given(...standing(from, holder))
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
