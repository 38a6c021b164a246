import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decode, documented, email, label, schemaOf, text } from '../../domain/codec.ts'
import { AssignBody, BareBody, CommentBody, OpenBody, ReopenBody, StatusBody } from '../../domain/ticket/bodies.ts'

const decoding = suite('what callers may send')

/** `path: message` of each complaint, or the decoded value. */
const answer = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): unknown => {
  const decoded = decode(codec)(value)
  return decoded._tag === 'Right'
    ? decoded.right
    : decoded.left.map(({ path, message }) => `${path}: ${message}`).toSorted()
}
const accepts = <A>(codec: t.Type<A, unknown, unknown>, value: unknown): void =>
  assert.equal(answer(codec, value), value)
const refuses = <A>(codec: t.Type<A, unknown, unknown>, value: unknown, ...complaints: readonly string[]): void =>
  assert.equal(answer(codec, value), complaints.toSorted())

const requester = { id: 'bob', name: 'Bob', email: 'bob@acme.example', account: 'acme' }
const opening = { subject: 'No sound', description: 'The stream is silent.', category: 'technical' }

decoding('every body in its full form', () => {
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

decoding('an unknown field is named, at any depth, beside what else is wrong', () => {
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

decoding('names that every object has are unknown fields too', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const body: unknown = JSON.parse(`{"${name}":{"status":"in_progress"},"status":"in_progress"}`)
    refuses(StatusBody, body, `${name}: is not a field here`)
  }
})

decoding('a missing field is missing, by the path a caller knows', () => {
  refuses(OpenBody, {}, 'category: is missing', 'description: is missing', 'subject: is missing')
  refuses(StatusBody, {}, 'status: is missing')
  const { email: _, ...noMail } = requester
  refuses(OpenBody, { ...opening, requester: noMail }, 'requester.email: is missing')
  refuses(BareBody, { onBehalfOf: requester }, 'onBehalfOf.role: is missing')
})

decoding('a wrong type is said once, with its path', () => {
  refuses(OpenBody, { ...opening, subject: 7 }, 'subject: must be text of at most 200 characters')
  refuses(OpenBody, { ...opening, subject: null }, 'subject: must be text of at most 200 characters')
  refuses(OpenBody, { ...opening, attachments: 'f1' }, 'attachments: must be Array<label>')
  refuses(OpenBody, { ...opening, attachments: ['f1', 2] }, 'attachments.1: must be label')
  refuses(StatusBody, { status: 'closed' }, 'status: must be "in_progress" | "waiting_for_customer"')
  refuses(StatusBody, { status: 'toString' }, 'status: must be "in_progress" | "waiting_for_customer"')
  assert.is(decode(AssignBody)({ assignee: 'sue' })._tag, 'Left')
})

decoding('a body that is no object is wrong as a whole', () => {
  for (const body of [null, 'text', 7, true, []]) {
    const errors = decode(OpenBody)(body)
    assert.ok(errors._tag === 'Left' && errors.left.length > 0, JSON.stringify(body))
    assert.ok(
      errors.left.every(({ path }) => path === ''),
      JSON.stringify(errors.left),
    )
  }
})

decoding('a body without a required field may not be a list', () => {
  for (const body of [[], [1], 'text', null]) assert.is(decode(BareBody)(body)._tag, 'Left', JSON.stringify(body))
})

decoding('a hundred thousand wrong fields are named in no long time', () => {
  const before = process.cpuUsage().user
  const strange = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field ${index}`, 1]))
  const errors = decode(OpenBody)({ ...opening, ...strange, attachments: Array.from({ length: 10_000 }, () => 1) })
  assert.is(errors._tag === 'Left' ? errors.left.length : 0, 110_000)
  assert.ok(process.cpuUsage().user - before < 5_000_000, 'a search for each would take minutes')
})

const short = text(5)

decoding('a text is trimmed of what nobody sees', () => {
  for (const around of [' ', '\t\r\n', '\u00A0\u3000', '\u200B\uFEFF\u2060', '\u0000\u001F', '\u00AD', '\u2028']) {
    assert.is(answer(short, `${around}Hi${around}`), 'Hi', JSON.stringify(around))
  }
  assert.is(answer(short, 'a  b'), 'a  b', 'and of nothing inside')
  for (const sign of ['❤\uFE0F', '🏴\u{E0067}\u{E0062}\u{E007F}', '\u06DD', '\u0601']) {
    assert.is(answer(short, ` ${sign} `), sign, 'a sign stays the sign it was')
  }
})

decoding('blank is what is nothing to see', () => {
  const blanks = [
    '',
    ' ',
    '\n\n',
    '\u200B',
    '\u200D\uFEFF',
    '\u0000',
    '\u001B\u0007',
    '\u2800',
    '\u3164',
    '\u202E\u2066',
  ]
  for (const blank of blanks) refuses(short, blank, ': must not be blank')
})

decoding('a text is counted as people count, after trimming', () => {
  accepts(short, '12345')
  refuses(short, '123456', ': must have at most 5 characters')
  accepts(short, '🙂🙂🙂🙂🙂')
  refuses(short, '🙂🙂🙂🙂🙂🙂', ': must have at most 5 characters')
  assert.is(answer(short, `  12345${' '.repeat(1_000)}`), '12345')
})

decoding('the limits of the contract', () => {
  accepts(OpenBody, { ...opening, subject: 's'.repeat(200), description: 'd'.repeat(20_000) })
  refuses(OpenBody, { ...opening, subject: 's'.repeat(201) }, 'subject: must have at most 200 characters')
  refuses(OpenBody, { ...opening, description: 'd'.repeat(20_001) }, 'description: must have at most 20000 characters')
  accepts(CommentBody, { body: 'c'.repeat(20_000) })
  refuses(CommentBody, { body: 'c'.repeat(20_001) }, 'body: must have at most 20000 characters')
  refuses(ReopenBody, { body: '\u200B \n' }, 'body: must not be blank')
})

decoding('trimming a long text of blanks takes no long time', () => {
  const blanks = ' \u200B'.repeat(500_000)
  const before = process.cpuUsage().user
  refuses(short, `${blanks}x${blanks}x${blanks}`, ': must have at most 5 characters')
  refuses(short, blanks, ': must not be blank')
  assert.ok(process.cpuUsage().user - before < 5_000_000, 'looking again from each blank would take an hour')
})

decoding('a label is one line of at most 200 characters', () => {
  accepts(label, 'T-0000000A')
  assert.is(answer(label, ' trimmed '), 'trimmed')
  accepts(label, 'x'.repeat(200))
  refuses(label, 'x'.repeat(201), ': must have at most 200 characters')
  for (const control of ['a\nb', 'a\r\nb', 'a\u0000b', 'a\u001Bb', 'a\u0085b']) {
    refuses(label, control, ': must not hold control characters')
  }
})

decoding('a mail address is one address', () => {
  for (const good of [
    "o'hara+tag@acme.example",
    'bob@acme.example',
    'bob@localhost',
    'ünï@exämple.org',
    'a.b-c_d@1.2',
  ]) {
    accepts(email, good)
  }
})

decoding('what a mail header could read as something else is no address', () => {
  for (const bad of [
    '',
    'bob',
    '@acme.example',
    'bob@',
    'bob@@acme.example',
    'bob@acme.example@evil.example',
    'bob@acme.example,eve@evil.example',
    'bob@acme.example;eve@evil.example',
    'bob@acme.example eve@evil.example',
    'bob@acme.example\r\nBcc: eve@evil.example',
    'bob@acme.example\n',
    '\nbob@acme.example',
    'bob@acme.example\u0000',
    'bob@acme.example\u2028x',
    ' bob@acme.example',
    'Bob <bob@acme.example>',
    '<bob@acme.example>',
    '"bob,eve"@acme.example',
    'bob(comment)@acme.example',
    'bob@[127.0.0.1]',
    'group:bob@acme.example',
    'bob\\@acme.example',
    `${'x'.repeat(65)}@acme.example`,
    `bob@${'x'.repeat(251)}`,
  ]) {
    refuses(email, bad, ': must be one mail address')
  }
  refuses(email, 7, ': must be email')
})

decoding('our own codecs say what they are, and take back what they gave', () => {
  assert.equal(schemaOf(text(5)), { type: 'string', minLength: 1, maxLength: 5 })
  assert.equal(schemaOf(label), { type: 'string', minLength: 1, maxLength: 200 })
  assert.equal(schemaOf(email), { type: 'string', format: 'email', maxLength: 254 })
  assert.is(schemaOf(t.string), undefined)
  assert.is(schemaOf(documented({ a: 1 }, t.type({})))?.['a'], 1)
  for (const codec of [text(5), label, email]) assert.is(codec.encode('as it is'), 'as it is')
})

decoding.run()
