import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { normalized } from '../../domain/text.ts'
import { documented, email, externalText, schemaOf, text } from '../../domain/codec.ts'
import { ticketCommands } from '../../domain/ticket/commands/registry.ts'
import { accepts, answer, refuses } from '../support/decoding.ts'

const { body: OpenBody } = ticketCommands.open
const { body: CommentBody } = ticketCommands.comment
const { body: ReopenBody } = ticketCommands.reopen

const texts = suite('texts, labels and mail addresses')
const opening = { subject: 'No sound', description: 'The stream is silent.', category: 'technical' }

const short = text(5)

texts('a text is trimmed of what nobody sees', () => {
  for (const around of [' ', '\t\r\n', '\u00A0\u3000', '\u200B\uFEFF\u2060', '\u0000\u001F', '\u00AD', '\u2028']) {
    assert.is(answer(short, `${around}Hi${around}`), 'Hi', JSON.stringify(around))
  }
  assert.is(answer(short, 'a  b'), 'a  b', 'and of nothing inside')
  for (const sign of ['❤\uFE0F', '🏴\u{E0067}\u{E0062}\u{E007F}', '\u06DD', '\u0601']) {
    assert.is(answer(short, ` ${sign} `), sign, 'a sign stays the sign it was')
  }
})

texts('blank is what is nothing to see', () => {
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

texts('a text is counted as people count, after trimming', () => {
  accepts(short, '12345')
  refuses(short, '123456', ': must have at most 5 characters')
  accepts(short, '🙂🙂🙂🙂🙂')
  refuses(short, '🙂🙂🙂🙂🙂🙂', ': must have at most 5 characters')
  assert.is(answer(short, `  12345${' '.repeat(1_000)}`), '12345')
})

texts('the limits of the contract', () => {
  accepts(OpenBody, { ...opening, subject: 's'.repeat(200), description: 'd'.repeat(20_000) })
  refuses(OpenBody, { ...opening, subject: 's'.repeat(201) }, 'subject: must have at most 200 characters')
  refuses(OpenBody, { ...opening, description: 'd'.repeat(20_001) }, 'description: must have at most 20000 characters')
  accepts(CommentBody, { body: 'c'.repeat(20_000) })
  refuses(CommentBody, { body: 'c'.repeat(20_001) }, 'body: must have at most 20000 characters')
  refuses(ReopenBody, { body: '\u200B \n' }, 'body: must not be blank')
})

texts('trimming a long text of blanks takes no long time', () => {
  const blanks = ' \u200B'.repeat(500_000)
  const before = process.cpuUsage().user
  refuses(short, `${blanks}x${blanks}x${blanks}`, ': must have at most 5 characters')
  refuses(short, blanks, ': must not be blank')
  assert.ok(process.cpuUsage().user - before < 5_000_000, 'looking again from each blank would take an hour')
})

texts('a label is one line of at most 200 characters', () => {
  accepts(externalText, 'T-0000000A')
  assert.is(answer(externalText, ' trimmed '), 'trimmed')
  accepts(externalText, 'x'.repeat(200))
  refuses(externalText, 'x'.repeat(201), ': must have at most 200 characters')
  for (const control of ['a\nb', 'a\r\nb', 'a\u0000b', 'a\u001Bb', 'a\u0085b']) {
    refuses(externalText, control, ': must not hold control characters')
  }
})

texts('a mail address is one address', () => {
  for (const good of [
    "o'hara+tag@acme.example",
    'bob@acme.example',
    'bob@localhost',
    'ünï@exämple.org',
    'a.b-c_d@1.2',
  ]) {
    accepts(email, good)
  }
  accepts(email, `bob@${'x'.repeat(250)}`)
  accepts(email, `${'x'.repeat(64)}@acme.example`)
})

texts('what a mail header could read as something else is no address', () => {
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

texts(
  'normalisation keeps what any language writes, and cuts runs of marks, which it takes their square to order',
  () => {
    for (const text of ['cafe\u0301', 'Zalgo\u0301\u0315\u0344', 'ｶﾞ', 'เก่ง้ำ', 'a'.repeat(20_000)]) {
      for (const form of ['NFC', 'NFKC', 'NFKD'] as const) assert.is(normalized(text, form), text.normalize(form), text)
    }
    // Marks of two orders in turn, of which the last become marks in NFKC alone.
    for (const marks of ['\u0344\u0315', '\u0301\u0323', '\uFF9E\u0315']) {
      const text = `a${marks.repeat(10_000)}b${marks.repeat(10_000)}`
      for (const form of ['NFC', 'NFKC', 'NFKD'] as const) assert.ok(normalized(text, form).length <= 2 * 61, form)
    }
  },
)

texts('our own codecs say what they are, and take back what they gave', () => {
  assert.equal(schemaOf(text(5)), { type: 'string', minLength: 1, maxLength: 5 })
  assert.equal(schemaOf(externalText), { type: 'string', minLength: 1, maxLength: 200 })
  assert.equal(schemaOf(email), { type: 'string', format: 'email', maxLength: 254 })
  assert.is(schemaOf(t.string), undefined)
  assert.is(schemaOf(documented({ a: 1 }, t.type({})))?.['a'], 1)
  for (const codec of [text(5), externalText, email]) assert.is(codec.encode('as it is'), 'as it is')
})

texts.run()
