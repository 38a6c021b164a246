import type { Given } from '../../support/given-when-then.ts'
import { ann, bob, sue, tom } from '../../support/people.ts'
import { comment, commentThen } from './commands.ts'
import { closed, commentAdded, fileAttached, log, shot, standing, statusChanged } from './events.ts'

/** Row "comment, customer": an answer ends the waiting, and nothing else moves. */
export const customerComments = (spec: (name: string) => Given): void => {
  const said = commentAdded('It is back')
  const answer = comment(bob, 'It is back')

  for (const assignee of [undefined, sue]) {
    const by = assignee === undefined ? 'unassigned' : 'assigned'
    for (const status of ['open', 'in_progress'] as const) {
      spec(`a customer comments on an ${by} ${status} ticket`)
        .given(...standing(status, assignee))
        .when(answer)
        .then(said)
        .leaving(status, assignee)
    }
    spec(`a customer comments on an ${by} closed ticket`)
      .given(...standing('closed', assignee))
      .when(answer)
      .thenRefused('TicketClosed')
  }

  spec('a customer answers a waiting ticket: its agent goes on')
    .given(...standing('waiting_for_customer', sue))
    .when(answer)
    .then(said, statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'))
    .leaving('in_progress', sue)

  spec('a customer answers a waiting ticket that nobody is assigned to: it is open')
    .given(...standing('waiting_for_customer'))
    .when(answer)
    .then(said, statusChanged('waiting_for_customer', 'open', 'customer_replied'))
    .leaving('open')

  spec("a colleague's answer ends the waiting too")
    .given(...standing('waiting_for_customer', sue))
    .when(comment(ann, 'It is back'))
    .then(said, statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'))
    .leaving('in_progress', sue)

  spec('files stand behind their comment and before what it moves')
    .given(...standing('waiting_for_customer', sue))
    .when(comment(bob, 'See', log, shot))
    .then(
      commentAdded('See'),
      fileAttached(log),
      fileAttached(shot),
      statusChanged('waiting_for_customer', 'in_progress', 'customer_replied'),
    )
    .leaving('in_progress', sue)

  spec('a comment may be files alone')
    .given(...standing('open'))
    .when(comment(bob, '', log))
    .then(commentAdded(''), fileAttached(log))
    .leaving('open')

  spec('files are refused with the comment they came with')
    .given(...standing('closed', sue))
    .when(comment(bob, 'See', log))
    .thenRefused('TicketClosed')
}

/** Row "comment, support": the first one takes the ticket up. */
export const supportComments = (spec: (name: string) => Given): void => {
  const said = commentAdded('We look into it')
  const word = comment(sue, 'We look into it')

  spec('an agent comments on an open ticket that nobody is assigned to: taken up, by that agent')
    .given(...standing('open'))
    .when(word)
    .then(said, statusChanged('open', 'in_progress', 'taken', sue))
    .leaving('in_progress', sue)

  spec('an agent comments on an open ticket that another holds: taken up, the assignee stays')
    .given(...standing('open', tom))
    .when(word)
    .then(said, statusChanged('open', 'in_progress', 'taken'))
    .leaving('in_progress', tom)

  for (const assignee of [undefined, sue, tom]) {
    for (const status of ['in_progress', 'waiting_for_customer'] as const) {
      spec(`an agent comments on a ${status} ticket of ${assignee?.name ?? 'nobody'}: it stays so`)
        .given(...standing(status, assignee))
        .when(word)
        .then(said)
        .leaving(status, assignee)
    }
    spec(`an agent comments on a closed ticket of ${assignee?.name ?? 'nobody'}`)
      .given(...standing('closed', assignee))
      .when(word)
      .thenRefused('TicketClosed')
  }

  spec('files of an agent stand before the taking up')
    .given(...standing('open'))
    .when(comment(sue, '', log))
    .then(commentAdded(''), fileAttached(log), statusChanged('open', 'in_progress', 'taken', sue))
    .leaving('in_progress', sue)
}

/** Row "comment with thenStatus": one change, from the present status to the named one. */
export const commentsWithStatus = (spec: (name: string) => Given): void => {
  const said = commentAdded('Done')

  for (const assignee of [undefined, tom]) {
    const by = assignee === undefined ? 'nobody' : 'another'
    const newly = assignee === undefined ? sue : undefined

    for (const [from, cause] of [
      ['open', 'taken'],
      ['waiting_for_customer', 'resumed'],
    ] as const) {
      spec(`comment, then in progress, from ${from} assigned to ${by}`)
        .given(...standing(from, assignee))
        .when(commentThen(sue, 'Done', 'in_progress'))
        .then(said, statusChanged(from, 'in_progress', cause, newly))
        .leaving('in_progress', assignee ?? sue)
    }

    for (const from of ['open', 'in_progress'] as const) {
      spec(`comment, then waiting, from ${from} assigned to ${by}: one move, not two`)
        .given(...standing(from, assignee))
        .when(commentThen(sue, 'Done', 'waiting_for_customer'))
        .then(said, statusChanged(from, 'waiting_for_customer', 'asked', newly))
        .leaving('waiting_for_customer', assignee ?? sue)
    }

    for (const from of ['open', 'in_progress', 'waiting_for_customer'] as const) {
      spec(`comment, then closed, from ${from} assigned to ${by}: who holds it stays`)
        .given(...standing(from, assignee))
        .when(commentThen(sue, 'Done', 'closed'))
        .then(said, closed)
        .leaving('closed', assignee)
    }

    for (const named of ['in_progress', 'waiting_for_customer'] as const) {
      spec(`comment, then ${named}, where it is so already and assigned to ${by}: the comment alone`)
        .given(...standing(named, assignee))
        .when(commentThen(sue, 'Done', named))
        .then(said)
        .leaving(named, assignee)
    }

    for (const named of ['in_progress', 'waiting_for_customer', 'closed'] as const) {
      spec(`comment, then ${named}, on a closed ticket assigned to ${by}`)
        .given(...standing('closed', assignee))
        .when(commentThen(sue, 'Done', named))
        .thenRefused('TicketClosed')
    }
  }

  spec('files stand between the comment and its status')
    .given(...standing('in_progress', sue))
    .when(commentThen(sue, 'Done', 'closed', log))
    .then(said, fileAttached(log), closed)
    .leaving('closed', sue)
}
