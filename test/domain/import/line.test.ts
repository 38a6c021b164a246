import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ticketCommands } from '../../../domain/ticket/commands/registry.ts'
import { decodeLine } from '../../../domain/import/line.ts'

const lines = suite('lines of an import')

const line = {
  key: 'k1',
  at: '2012-10-09T14:50:17Z',
  ticket: 'Case 1',
  actor: { id: 'u1', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' },
  command: { type: 'comment', body: 'Hello' },
}

const errorsOf = (value: unknown): unknown => {
  const decoded = decodeLine(value)
  return decoded._tag === 'Left' ? decoded.left.map(({ path, message }) => `${path} ${message}`) : decoded.right
}

lines('a recorded command is decoded, its time with milliseconds', () => {
  assert.equal(errorsOf(line), {
    key: 'k1',
    at: '2012-10-09T14:50:17.000Z',
    ticket: 'Case 1',
    actor: line.actor,
    request: { type: 'comment', body: 'Hello' },
  })
})

lines('a time that is none, or before 1970 as systems without one write it, is refused', () => {
  assert.equal(errorsOf({ ...line, at: 'yesterday' }), ['at must be a time such as 2012-10-09T14:50:17.000Z'])
  for (const at of ['0001-01-01T00:00:00Z', '1900-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z']) {
    assert.equal(errorsOf({ ...line, at }), ['at must not be before 1970'])
  }
})

lines('an unknown command, a wrong body and a customer without an account are named by their fields', () => {
  assert.equal(errorsOf({ ...line, command: { type: 'fax' } }), [
    `command.type must be one of ${Object.keys(ticketCommands).join(', ')}`,
  ])
  assert.equal(errorsOf({ ...line, command: { type: 'assign' } }), ['command.assignee is missing'])
  const { account: _, ...homeless } = line.actor
  assert.equal(errorsOf({ ...line, actor: homeless }), ['actor.account is missing: a customer belongs to an account'])
})

lines.run()
