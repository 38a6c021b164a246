import type { Given } from '../../support/given-when-then.ts'
import { bob, eve, sue } from '../../support/people.ts'
import { open, openFor, comment, take, status, assign, close, reopen } from './commands.ts'
import { fileAttached, log, opened, shot, standing, statusChanged } from './events.ts'

/** Rows "open" and "open for a requester", and every command on a ticket that does not exist. */
export const opening = (spec: (name: string) => Given): void => {
  spec('a customer opens a ticket').given().when(open(bob)).then(opened(bob)).leaving('open')

  spec('files come in the same append, one event each, in their order')
    .given()
    .when(open(bob, { attachments: [shot, log] }))
    .then(opened(bob), fileAttached(shot), fileAttached(log))
    .leaving('open')

  spec('where the form was opened from is kept')
    .given()
    .when(open(bob, { source: '/cdn' }))
    .then({ ...opened(bob), data: { ...opened(bob).data, source: '/cdn' } })
    .leaving('open')

  spec('an agent opens a ticket for a requester: it is theirs, waits for them, and the agent is its assignee')
    .given()
    .when(openFor(sue, bob))
    .then(opened(bob), statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue))
    .leaving('waiting_for_customer', sue)

  spec('files of a ticket opened for a requester stand before its status')
    .given()
    .when(openFor(sue, bob, { attachments: [log] }))
    .then(opened(bob), fileAttached(log), statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue))
    .leaving('waiting_for_customer', sue)

  spec('an agent opens no ticket of their own').given().when(open(sue)).thenRefused('Forbidden')

  spec('opening what is open already adds no event').given(opened(bob)).when(open(eve)).thenNothing().leaving('open')

  spec('opening what is closed already adds no event')
    .given(...standing('closed', sue))
    .when(openFor(sue, bob))
    .thenNothing()
    .leaving('closed', sue)

  for (const command of [
    comment(bob, 'Hello?'),
    take(sue),
    status(sue, 'in_progress'),
    assign(sue, sue),
    close(bob),
    reopen(bob, 'Again'),
  ]) {
    spec(`${command.type} of a ticket that nobody opened`).given().when(command).thenRefused('NotFound')
  }
}
