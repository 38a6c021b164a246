import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const line = (key: string, ticket: string, at: string, command: object, more: object = {}): string =>
  JSON.stringify({
    key,
    at,
    ticket,
    actor: { id: 'u1', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' },
    command,
    ...more,
  })

const open = { type: 'open', subject: 'No picture', description: 'Dark', category: 'video-cdn' }
const lines = [
  line('1', 'A', '2020-01-01T10:00:00.000Z', open),
  line('2', 'A', '2020-01-01T11:00:00.000Z', { type: 'comment', body: 'Any update?' }),
  line('3', 'B', '2020-01-01T12:00:00.000Z', open),
  line('4', 'A', '2020-01-01T13:00:00.000Z', { type: 'close' }),
  line('5', 'A', '2020-01-01T14:00:00.000Z', { type: 'comment', body: 'Too late' }),
  line('6', 'A', '2020-01-01T15:00:00.000Z', { type: 'reopen', body: 'Again' }),
  line('7', 'A', '2019-01-01T00:00:00.000Z', { type: 'comment', body: 'Out of order' }),
]

const cli = suite('the command line')
let folder = temporaryFolder()
cli.before.each(() => {
  folder = temporaryFolder()
})
cli.after.each(() => folder.remove())

const file = (name: string): string => join(folder.path, name)
const data = (): string => join(folder.path, 'data')
const importText = async (text: string) => {
  writeFileSync(file('in.ndjson'), text)
  return ledgerdesk(data(), 'import', file('in.ndjson'))
}

cli('import runs commands, writes refused ones to a file, and adds nothing the second time', async () => {
  const first = await importText(`${lines.join('\n')}\n`)
  assert.is(first.code, 0, first.stderr)
  const { seconds, ...counts } = JSON.parse(first.stdout)
  assert.type(seconds, 'number')
  assert.equal(counts, { commands: 7, events: 6, tickets: 2, rejected: 2 })
  const rejects = (): object[] =>
    readFileSync(file('in.ndjson.rejects.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
  const set = [
    { line: 5, reason: 'the ticket is closed: reopen it first', command: lines[4] },
    { line: 7, reason: "older than the ticket's last event (2020-01-01T15:00:00.000Z)", command: lines[6] },
  ]
  assert.equal(rejects(), set)
  const again = JSON.parse((await ledgerdesk(data(), 'import', file('in.ndjson'))).stdout)
  assert.is(again.events, 0)
  assert.equal(rejects(), set)
})

cli('a longer file of the same source runs only its new lines, and a refused line stays refused', async () => {
  await importText(`${lines.slice(0, 6).join('\n')}\n`)
  const more = line('8', 'A', '2020-01-02T00:00:00.000Z', { type: 'comment', body: 'And now?' })
  const second = JSON.parse((await importText(`${[...lines.slice(0, 6), more].join('\n')}\n`)).stdout)
  assert.is(second.events, 1)
})

cli('a text with every line separator is imported, exported and restored unchanged', async () => {
  const text = 'one\u2028two\u2029three\u0085four\r\nfive\u000b'
  const opened = line('1', 'A', '2020-01-01T10:00:00.000Z', { ...open, description: text })
  const raw = opened.replaceAll('\\u2028', '\u2028').replaceAll('\\u2029', '\u2029')
  const imported = await importText(`${raw}\r\n\r\n${line('2', 'A', '2020-01-01T11:00:00.000Z', { type: 'close' })}`)
  assert.is(imported.code, 0, imported.stderr)
  assert.is(JSON.parse(imported.stdout).events, 2)
  const exported = (await ledgerdesk(data(), 'export')).stdout
  const [first = ''] = exported.split('\n')
  assert.is(JSON.parse(first).data.description, text.trim())
  writeFileSync(file('events.ndjson'), exported)
  const restored = await ledgerdesk(join(folder.path, 'other'), 'import', '--events', file('events.ndjson'))
  assert.is(restored.code, 0, restored.stderr)
})

cli('an invalid line fails the import before any command runs, and is named', async () => {
  const broken = await importText(`${lines[0]}\n{"key":\n`)
  assert.is(broken.code, 1)
  assert.match(broken.stderr, `${file('in.ndjson')}: line 2 is not JSON`)
  const wrong = await importText(`${lines[0]}\n${line('2', 'A', 'yesterday', open)}\n`)
  assert.match(wrong.stderr, 'line 2: at must be a time')
  const missing = await ledgerdesk(data(), 'import', file('none.ndjson'))
  assert.is(missing.code, 1)
  assert.match(missing.stderr, 'there is no file')
  assert.is((await ledgerdesk(data(), 'export')).stdout, '')
})

cli('an error names the option and the value, and says what to do', async () => {
  await importText(`${lines[0]}\n`)
  const errorOf = async (...given: readonly string[]): Promise<string> => {
    const { code, stderr } = await ledgerdesk(data(), ...given)
    assert.is(code, 1, given.join(' '))
    return stderr
  }
  assert.match(await errorOf('token', '--name', 'Ann'), /: --id, --email, --role must be valid: a token needs --id/)
  assert.match(
    await errorOf('copy', '--from', `sqlite:${file('none')}`, '--to', 'sqlite:x'),
    'in --from, as sqlite:DIR',
  )
  assert.match(await errorOf('export', '--ticket', 'T-00000000'), 'there is no ticket T-00000000')
  const backwards = ['report', 'volume', '--from', '2024-05-02', '--to', '2024-05-01']
  assert.match(await errorOf(...backwards), '--to must not be before --from')
})

cli('an export restores exactly, an altered line is refused, restoring twice adds nothing', async () => {
  await importText(`${lines.join('\n')}\n`)
  const exported = (await ledgerdesk(data(), 'export')).stdout
  writeFileSync(file('events.ndjson'), exported)
  const other = join(folder.path, 'other')
  for (const _ of [1, 2]) {
    const restored = await ledgerdesk(other, 'import', '--events', file('events.ndjson'))
    assert.is(restored.code, 0, restored.stderr)
    assert.is((await ledgerdesk(other, 'export')).stdout, exported)
  }
  writeFileSync(file('altered.ndjson'), exported.replaceAll('Any update?', 'Any updatz?'))
  const altered = await ledgerdesk(join(folder.path, 'third'), 'import', '--events', file('altered.ndjson'))
  assert.is(altered.code, 1)
  assert.match(altered.stderr, 'was altered')
})

cli('history as a timeline and as JSON, also as of a time', async () => {
  await importText(`${lines.join('\n')}\n`)
  const [first = ''] = (await ledgerdesk(data(), 'export')).stdout.split('\n')
  const id = JSON.parse(first).stream.replace('ticket-', '')
  const shown = await ledgerdesk(data(), 'history', id)
  assert.match(shown.stdout, 'Ann (customer) opened "No picture" in Video CDN')
  const json = await ledgerdesk(data(), 'history', id, '--json', '--as-of', '2020-01-01T11:30:00Z')
  const types = json.stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text).type)
  assert.equal(types, ['Opened', 'CommentAdded'])
  assert.match(shown.stdout, /stands at version 5: open\n$/)
  const then = await ledgerdesk(data(), 'history', id, '--version', '2')
  assert.equal(then.stdout.trim().split('\n').length, 3)
  assert.match(then.stdout, /stands at version 2: open\n$/)
  for (const [option, value] of [
    ['--version', '99'],
    ['--version', '0'],
    ['--as-of', '2019-12-31T00:00:00Z'],
    ['--as-of', 'yesterday'],
  ] as const) {
    assert.is((await ledgerdesk(data(), 'history', id, option, value)).code, 1, `${option} ${value}`)
  }
  const unknown = await ledgerdesk(data(), 'history', 'T-00000000')
  assert.is(unknown.code, 1)
  assert.match(unknown.stderr, 'there is no ticket T-00000000')
})

cli('wrong usage exits with 2, an invalid variable with 1 and one line that names it', async () => {
  assert.is((await ledgerdesk(data(), 'nonsense')).code, 2)
  assert.is((await ledgerdesk(data(), 'import')).code, 2)
  assert.is((await ledgerdesk(data(), '--help')).code, 0)
  for (const [name, value] of [
    ['PORT', 'many'],
    ['HOST', '0.0.0.0'],
    ['LEDGERDESK_AUTH', 'nobody'],
    ['LEDGERDESK_EVENT_STORE', 'esdb://ops:secret@localhost?tls=false'],
    ['LEDGERDESK_CATEGORIES', '/nowhere.json'],
    ['LOG_LEVEL', 'loud'],
  ] as const) {
    process.env[name] = value
    const ended = await ledgerdesk(data(), 'serve')
    delete process.env[name]
    assert.is(ended.code, 1, name)
    assert.is(ended.stderr.trim().split('\n').length, 1, ended.stderr)
    assert.match(ended.stderr, `ledgerdesk: ${name}`)
  }
})

cli('a data folder of a newer version is refused in one line', async () => {
  await importText(`${lines[0]}\n`)
  const db = new Sqlite(join(data(), 'log.db'))
  db.pragma('user_version = 99')
  db.close()
  const ended = await ledgerdesk(data(), 'export')
  assert.is(ended.code, 1)
  assert.match(ended.stderr, 'log schema 99')
  assert.is(ended.stderr.trim().split('\n').length, 1)
})

cli.run()
