import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decode } from '../../domain/codec.ts'
import { ticketCommands } from '../../domain/ticket/commands/registry.ts'
import { accepts, refuses } from '../support/decoding.ts'

const { body: OpenBody } = ticketCommands.open
const { body: CommentBody } = ticketCommands.comment
const { body: BareBody } = ticketCommands.take
const { body: StatusBody } = ticketCommands.status
const { body: AssignBody } = ticketCommands.assign
const { body: ReopenBody } = ticketCommands.reopen

const decoding = suite('decoding command bodies')

const requester = { id: 'bob', name: 'Bob', email: 'bob@acme.example', account: 'acme' }
const opening = { subject: 'No sound', description: 'The stream is silent.', category: 'technical' }

decoding('accepts every body in its full form', () => {
  const onBehalfOf = { id: 'bob', name: 'Bob', email: 'bob@acme.example', role: 'customer', account: 'acme' }
  accepts(OpenBody, opening)
  accepts(OpenBody, { ...opening, attachments: ['f1'], source: '/cdn', requester, onBehalfOf })
  accepts(CommentBody, { body: 'Hello', attachments: [], thenStatus: 'closed', onBehalfOf })
  accepts(CommentBody, { attachments: ['f1'] })
  accepts(BareBody, {})
  accepts(BareBody, { onBehalfOf })
  accepts(StatusBody, { status: 'in_progress', onBehalfOf })
  accepts(AssignBody, { assignee: { id: 'sue', name: 'Sue', email: 'sue@help.example' }, onBehalfOf })
  accepts(ReopenBody, { body: 'Again', attachments: ['f1'], onBehalfOf })
})

decoding('names an unknown field at any depth, beside the other errors', () => {
  refuses(OpenBody, { ...opening, subjekt: 'x' }, 'subjekt: is not a field here')
  refuses(OpenBody, { ...opening, requester: { ...requester, mail: 'x' } }, 'requester.mail: is not a field here')
  refuses(BareBody, { onBehalfof: {} }, 'onBehalfof: is not a field here')
  refuses(
    OpenBody,
    { ...opening, subject: '', requester: { ...requester, mail: 'x' }, role: 'support' },
    'requester.mail: is not a field here',
    'role: is not a field here',
    'subject: must not be blank',
  )
  const list = t.strict({ items: t.array(t.strict({ a: t.string })) })
  refuses(list, { items: [{ a: '' }, { a: '', b: 1 }] }, 'items.1.b: is not a field here')
  const either = t.strict({ one: t.union([t.strict({ a: t.string }), t.strict({ b: t.number })]) })
  refuses(either, { one: { b: 1, c: 2 } }, 'one.c: is not a field here')
})

decoding('names an unknown field inside every kind of codec', () => {
  const inner = t.strict({ a: t.string })
  const isBrief = (value: { readonly a: string }): value is t.Branded<{ a: string }, { readonly Brief: symbol }> =>
    value.a.length < 3
  refuses(t.readonly(inner), { a: '', b: 1 }, 'b: is not a field here')
  refuses(t.readonlyArray(inner), [{ a: '', b: 1 }], '0.b: is not a field here')
  refuses(t.brand(inner, isBrief, 'Brief'), { a: '', b: 1 }, 'b: is not a field here')
  refuses(
    t.intersection([t.readonly(inner), t.partial({ c: inner })]),
    { a: '', c: { a: '', b: 1 } },
    'c.b: is not a field here',
  )
  accepts(t.UnknownRecord, { anything: { goes: 1 } })
  accepts(t.intersection([inner, t.UnknownRecord]), { a: '', anything: 1 })
})

decoding('leaves the parts of a union out of the path', () => {
  const either = t.strict({ one: t.union([t.string, t.strict({ a: t.string })]) })
  refuses(either, { one: { a: 1 } }, 'one.a: must be string', 'one: must be string')
})

decoding('names of `Object.prototype` are unknown fields too', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const body: unknown = JSON.parse(`{"${name}":{"status":"in_progress"},"status":"in_progress"}`)
    refuses(StatusBody, body, `${name}: is not a field here`)
  }
})

decoding('names a missing field by its path in the body', () => {
  refuses(OpenBody, {}, 'category: is missing', 'description: is missing', 'subject: is missing')
  refuses(StatusBody, {}, 'status: is missing')
  const { email: _, ...noMail } = requester
  refuses(OpenBody, { ...opening, requester: noMail }, 'requester.email: is missing')
  refuses(BareBody, { onBehalfOf: requester }, 'onBehalfOf.role: is missing')
})

decoding('names a wrong type once, with its path', () => {
  refuses(OpenBody, { ...opening, subject: 7 }, 'subject: must be text of at most 200 characters')
  refuses(OpenBody, { ...opening, subject: null }, 'subject: must be text of at most 200 characters')
  refuses(OpenBody, { ...opening, attachments: 'f1' }, 'attachments: must be Array<label>')
  refuses(OpenBody, { ...opening, attachments: ['f1', 2] }, 'attachments.1: must be label')
  refuses(StatusBody, { status: 'closed' }, 'status: must be one of in_progress, waiting_for_customer')
  refuses(StatusBody, { status: 'toString' }, 'status: must be one of in_progress, waiting_for_customer')
  assert.is(decode(AssignBody)({ assignee: 'sue' })._tag, 'Left')
})

decoding('refuses a body that is no object as a whole', () => {
  for (const body of [null, 'text', 7, true, []]) {
    const errors = decode(OpenBody)(body)
    assert.ok(errors._tag === 'Left' && errors.left.length > 0, JSON.stringify(body))
    assert.ok(
      errors.left.every(({ path }) => path === ''),
      JSON.stringify(errors.left),
    )
  }
})

decoding('refuses a list even where no field is required', () => {
  for (const body of [[], [1], 'text', null]) assert.is(decode(BareBody)(body)._tag, 'Left', JSON.stringify(body))
})

decoding('names a hundred thousand wrong fields without quadratic cost', () => {
  const before = process.cpuUsage().user
  const strange = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field ${index}`, 1]))
  const errors = decode(OpenBody)({ ...opening, ...strange, attachments: Array.from({ length: 10_000 }, () => 1) })
  assert.is(errors._tag === 'Left' ? errors.left.length : 0, 110_000)
  assert.ok(process.cpuUsage().user - before < 5_000_000, 'a search for each would take minutes')
})

decoding.run()
