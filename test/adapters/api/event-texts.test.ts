import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventTexts } from '../../../adapters/api/event-texts.ts'
import { ticketEvents } from '../../../domain/ticket/events.ts'

const texts = suite('the texts of events')

const sue = { id: 'sue', name: 'Sue Singh', email: 'sue@desk.example' }
const moved = { from: 'open', to: 'in_progress', cause: 'taken' }

/** Type, data as the history shows it, title, detail, line; then the same where the personal part was erased. */
const rows: readonly (readonly [keyof typeof ticketEvents, object, string, string, string])[] = [
  [
    'Opened',
    { subject: 'No sound', category: { id: 'technical', name: 'Technical' } },
    'Opened',
    'No sound',
    'opened "No sound" in Technical',
  ],
  [
    'Opened',
    { category: { id: 'technical', name: 'Technical' } },
    'Opened',
    '(erased)',
    'opened "(erased)" in Technical',
  ],
  ['CommentAdded', { body: 'It is back' }, 'Commented', 'It is back', 'commented: It is back'],
  ['CommentAdded', {}, 'Commented', '(erased)', 'commented: (erased)'],
  ['FileAttached', { name: 'app.log', size: 3 }, 'Attached a file', 'app.log', 'attached app.log (3 bytes)'],
  ['FileAttached', { size: 3 }, 'Attached a file', '(erased)', 'attached (erased) (3 bytes)'],
  [
    'StatusChanged',
    { ...moved, assignee: sue },
    'Changed the status',
    'Open → In progress, assigned to Sue Singh',
    'moved it from open to in_progress, assigned to Sue Singh',
  ],
  [
    'StatusChanged',
    { ...moved, assignee: { id: 'sue' } },
    'Changed the status',
    'Open → In progress',
    'moved it from open to in_progress',
  ],
  ['Assigned', { assignee: sue }, 'Assigned', 'assigned to Sue Singh', 'assigned it to Sue Singh'],
  ['Assigned', { assignee: { id: 'sue' } }, 'Assigned', 'assigned to (erased)', 'assigned it to sue'],
  ['Closed', {}, 'Closed', '', 'closed it'],
  ['Reopened', {}, 'Reopened', '', 'reopened it'],
]

for (const [type, data, title, detail, line] of rows) {
  texts(`${type} of ${JSON.stringify(data)}`, () => assert.equal(eventTexts(type, data), { title, detail, line }))
}

texts('every event of a ticket has an example here', () => {
  const shown = new Set<string>(rows.map(([type]) => type))
  assert.equal(
    Object.keys(ticketEvents).filter((type) => !shown.has(type)),
    [],
    'add its texts to adapters/api/event-texts.ts, and their example here',
  )
})

texts('a type that is not known yet shows its name', () => {
  assert.equal(eventTexts('Merged', {}), { title: 'Merged', detail: '', line: 'Merged' })
  assert.equal(eventTexts('toString', {}), { title: 'toString', detail: '', line: 'toString' })
})

texts.run()
