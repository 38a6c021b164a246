import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Decision } from '../../../domain/ticket/commands/define-command.ts'
import { decide, ticketCommands } from '../../../domain/ticket/commands/registry.ts'
import { Status } from '../../../domain/ticket/status.ts'
import type { TicketEvent } from '../../../domain/ticket/events.ts'
import { evolve, initial, type Ticket } from '../../../domain/ticket/ticket.ts'
import { holds } from '../../support/arbitrary.ts'
import { fold, lawful } from '../../support/given-when-then.ts'
import { ticketId } from '../../support/ids.ts'
import { anyCommand, anyTicketEvent } from './arbitrary.ts'
import { opened } from './events.ts'
import { NaiveTicket } from './model.ts'

const properties = suite('the ticket, whatever comes')

const wordsOf = (event: TicketEvent): string => {
  switch (event.type) {
    case 'Opened':
      return `Opened ${event.data.author.id} ${event.data.account} ${event.personal.subject}`
    case 'CommentAdded':
      return `CommentAdded ${event.personal.body}`
    case 'FileAttached':
      return `FileAttached ${event.data.file}`
    case 'StatusChanged': {
      const { from, to, cause, assignee } = event.data
      return ['StatusChanged', from, to, cause, ...(assignee === undefined ? [] : [assignee.id])].join(' ')
    }
    case 'Assigned':
      return `Assigned ${event.data.assignee.id}`
    case 'Closed':
    case 'Reopened':
      return event.type
  }
}

const outcomeOf = (decision: Decision): string[] =>
  decision._tag === 'Left' ? [`no: ${decision.left.tag}`] : decision.right.map(wordsOf)

const standingOf = (ticket: Ticket): string =>
  ticket.status === 'none' ? 'none' : `${ticket.status} ${ticket.assignee ?? ''} ${ticket.account}`

properties('any sequence of commands goes as the naive model says', () => {
  const seen = new Set<string>()
  holds(
    fc.property(fc.array(anyCommand, { maxLength: 25 }), (commands) => {
      const model = new NaiveTicket()
      let ticket = initial
      for (const command of commands) {
        seen.add(`${command.type} ${ticket.status}`)
        const expected = model.do(command)
        const decision = decide(command)(ticket)
        assert.equal(outcomeOf(decision), expected)
        if (decision._tag === 'Right') for (const event of decision.right) ticket = evolve(ticket, event)
        assert.is(standingOf(ticket), model.exists ? `${model.status} ${model.assignee} ${model.account}` : 'none')
      }
    }),
    { usually: 3_000, soaked: 100_000 },
  )
  const statuses = ['none', ...Object.keys(Status.keys)]
  const all = Object.keys(ticketCommands).flatMap((type) => statuses.map((status) => `${type} ${status}`))
  assert.equal([...seen].toSorted(), all.toSorted(), 'every command met every status')
})

properties('from any history a command is decided lawfully: no throw, the same twice, no second event', () =>
  holds(
    fc.property(fc.array(anyTicketEvent, { maxLength: 8 }), anyCommand, (history, command) => {
      lawful(command, fold(history))
    }),
    { usually: 1_000 },
  ),
)

properties('evolve is total and silent over any events in any order', () =>
  holds(
    fc.property(fc.array(anyTicketEvent, { maxLength: 12 }), (history) => {
      const ticket = fold(history)
      const firstOpened = history.find(({ type }) => type === 'Opened')
      assert.is(ticket.status === 'none', firstOpened === undefined)
      if (ticket.status !== 'none' && firstOpened?.type === 'Opened') {
        assert.is(ticket.account, firstOpened.data.account, 'a ticket never changes its account')
      }
    }),
    { usually: 1_000 },
  ),
)

properties('an event of another stream leaves a ticket as it is', () => {
  const ticket = evolve(initial, opened())
  const strange = { type: 'TicketSeen', data: { ticket: ticketId('T-1'), version: 1 } } as const
  assert.is(evolve(ticket, strange), ticket)
  assert.is(evolve(initial, strange), initial)
})

properties.run()
