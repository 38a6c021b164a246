import * as fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatMessage, isAddress, oneLine } from '../../../adapters/mail/message.ts'
import { holdsAsync } from '../../support/arbitrary.ts'

const message = suite('mail message')

const plain = {
  messageId: '<m-1@desk.example>',
  thread: '<T-AAAAAAAA@desk.example>',
  at: '2026-01-01T10:00:00.000Z',
  preferences: 'https://desk.example/preferences',
  unsubscribe: 'https://desk.example/unsubscribe/x.y',
}

/** Text for a subject or a name that tries to inject headers. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        '\u2028',
        '\u2029',
        '\u0085',
        '\u202e',
        '\r\n\r\n',
        '\t',
        ' ',
        'Bcc: eve@evil.example',
        '=?utf-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=',
        '=?utf-8?Q?=0D=0ABcc:_eve=40evil.example?=',
        '==?',
        '?=',
        '<eve@evil.example>',
        ', eve@evil.example',
        ';',
        '"',
        '\\',
        '(',
        'x'.repeat(200),
        'ü',
        '😀',
        'a',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
)

const headersOf = (bytes: Buffer): readonly string[] => {
  const head = bytes.toString('utf8').split('\r\n\r\n', 1)[0] ?? ''
  return head
    .split(/\r\n(?![ \t])/)
    .map((line) => line.split(':', 1)[0] ?? '')
    .toSorted()
}

const ownHeaders = [
  'Auto-Submitted',
  'Content-Type',
  'Date',
  'From',
  'In-Reply-To',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'MIME-Version',
  'Message-ID',
  'References',
  'Subject',
  'To',
  'X-Auto-Response-Suppress',
]

message('no subject, name or text adds a header, a recipient or a part', async () => {
  await holdsAsync(
    fc.asyncProperty(hostile, hostile, hostile, hostile, async (subject, name, sender, text) => {
      const { envelope, bytes } = await formatMessage(
        { name: sender, address: 'desk@desk.example' },
        {
          ...plain,
          to: { name, address: 'ann@acme.example' },
          subject: `[T] ${subject}`,
          text: `x${text}`,
          html: '<p>x</p>',
        },
      )
      assert.equal(envelope, { from: 'desk@desk.example', to: 'ann@acme.example' })
      assert.equal(headersOf(bytes), ownHeaders)
      assert.not.match(bytes.toString('latin1'), /[^\r]\n|\r[^\n]|\0/)
      const parsed = await simpleParser(bytes)
      const addresses = [parsed.to, parsed.from].flatMap((each) => (each === undefined ? [] : [each].flat()))
      assert.equal(
        addresses.flatMap(({ value }) => value.map(({ address }) => address)),
        ['ann@acme.example', 'desk@desk.example'],
      )
      assert.is((parsed.subject ?? '').trim(), oneLine(`[T] ${subject}`))
      assert.is(parsed.attachments.length, 0)
    }),
    { usually: 300 },
  )
})

message('one-click unsubscribing over https, a page over http, and no header line is too long', async () => {
  const headers = async (unsubscribe: string): Promise<readonly string[]> => {
    const to = { name: 'Ann', address: 'ann@acme.example' }
    const mail = { ...plain, unsubscribe, to, subject: 'S', text: 'T', html: '<p>T</p>' }
    const { bytes } = await formatMessage({ name: 'Help Desk', address: 'desk@desk.example' }, mail)
    const lines = bytes.toString('latin1').split('\r\n')
    assert.ok(lines.every(({ length }) => length <= 998))
    const unfolded = bytes.toString('latin1').replaceAll('\r\n ', ' ').split('\r\n')
    return unfolded.filter((line) => line.startsWith('List-'))
  }
  const link = '://desk.example/unsubscribe/'
  const post = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click'
  assert.equal(await headers(`https${link}x.y`), [`List-Unsubscribe: <https${link}x.y>`, post])
  assert.equal(await headers(`http${link}x.y`), [`List-Unsubscribe: <http${link}x.y>`])
  const long = 'x'.repeat(900)
  assert.equal(await headers(`https${link}${long}`), [`List-Unsubscribe: <https${link}${long}>`, post])
  assert.equal(await headers(`https${link}${long}${long}`), [`List-Unsubscribe: <${plain.preferences}>`])
})

message('an address is one address', () => {
  for (const good of ['ann@acme.example', 'a.b+c@x', 'ünal@müller.example']) assert.ok(isAddress(good), good)
  for (const bad of ['', '@', 'a@', '@b', 'a@b.', 'a@.b', 'a@b@c', 'a,b@c', 'a@b\n', `${'a'.repeat(65)}@b`]) {
    assert.not.ok(isAddress(bad), bad)
  }
})

message.run()
