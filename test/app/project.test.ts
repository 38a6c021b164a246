import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const example = join(root, 'examples/reopens-by-weekday.ts')

const ann = { id: 'u1', name: 'Ann Secret', email: 'ann@acme.example', role: 'customer', account: 'acme' }
// A Monday, a Monday and a Thursday.
const days = ['2024-01-01', '2024-01-08', '2024-01-11']
const lines = [
  {
    key: 'o',
    at: '2023-12-31T10:00:00.000Z',
    command: { type: 'open', subject: 'S', description: 'D', category: 'other' },
  },
  ...days.flatMap((day) => [
    { key: `c${day}`, at: `${day}T09:00:00.000Z`, command: { type: 'close' } },
    { key: `r${day}`, at: `${day}T23:59:59.999Z`, command: { type: 'reopen', body: 'Again' } },
  ]),
].map((line) => JSON.stringify({ ...line, ticket: 'A', actor: ann }))

interface Setup {
  folder: ReturnType<typeof temporaryFolder>
}

const project = suite<Setup>('an own projection')
project.before(async (setup) => {
  setup.folder = temporaryFolder()
  writeFileSync(join(setup.folder.path, 'in.ndjson'), `${lines.join('\n')}\n`)
  assert.is((await ledgerdesk(join(setup.folder.path, 'data'), 'import', join(setup.folder.path, 'in.ndjson'))).code, 0)
})
project.after(({ folder }) => folder.remove())

const at = ({ folder }: Setup, name: string): string => join(folder.path, name)
const run = (setup: Setup, module: string, out = 'out.db') =>
  ledgerdesk(at(setup, 'data'), 'project', module, '--out', at(setup, out))
const moduleOf = (setup: Setup, name: string, text: string): string => {
  writeFileSync(at(setup, name), text)
  return at(setup, name)
}

project('the example in the documents is the file, and counts reopenings by weekday', async (setup) => {
  assert.ok(
    readFileSync(join(root, 'docs/own-projection.md'), 'utf8').includes(
      `\`\`\`ts\n${readFileSync(example, 'utf8')}\`\`\``,
    ),
  )
  for (const _ of ['once', 'again']) {
    const ended = await run(setup, example)
    assert.is(ended.code, 0, ended.stderr)
    assert.is(ended.stdout, 'weekday   n\nMonday    2\nThursday  1\n')
    assert.match(ended.stderr, /^11 events into .*out\.db in /)
  }
  const db = new Sqlite(at(setup, 'out.db'), { readonly: true })
  assert.equal(db.prepare('SELECT * FROM reopens ORDER BY n').raw().all(), [
    ['Thursday', 1],
    ['Monday', 2],
  ])
  db.close()
})

project('handlers get every event in order, with facts and ids, without personal data', async (setup) => {
  const module = moduleOf(
    setup,
    'all.ts',
    `export const projection = {
      tables: 'CREATE TABLE seen (position INTEGER PRIMARY KEY, type TEXT, ticket TEXT, event TEXT) STRICT',
      on: (db) => {
        const add = db.prepare('INSERT INTO seen VALUES (?, ?, ?, ?)')
        return { any: (e) => add.run(Number(e.position), e.type, e.ticket, JSON.stringify(e)) }
      },
    }`,
  )
  const ended = await run(setup, module, 'all.db')
  assert.is(ended.code, 0, ended.stderr)
  assert.is(ended.stdout, '')
  const db = new Sqlite(at(setup, 'all.db'), { readonly: true })
  const seen = db
    .prepare<[], { type: string; ticket: string | null; event: string }>('SELECT * FROM seen ORDER BY position')
    .all()
  db.close()
  assert.equal(
    seen.map(({ type }) => type).filter((type) => type !== 'ImportProgressed'),
    ['Opened', ...days.flatMap(() => ['Closed', 'Reopened', 'CommentAdded'])],
  )
  assert.match(String(seen[0]?.ticket), /^T-/)
  for (const { event } of seen) {
    for (const secret of ['Secret', 'ann@acme', 'Again', 'personal']) assert.not(event.includes(secret), event)
  }
})

project('an error names the event and the line, and leaves no file', async (setup) => {
  const module = moduleOf(
    setup,
    'bad.ts',
    `export const projection = {
      tables: 'CREATE TABLE one (n INTEGER PRIMARY KEY) STRICT',
      on: (db) => ({
        Reopened: () => {
          throw new Error('not on a Monday')
        },
      }),
    }`,
  )
  const ended = await run(setup, module, 'bad.db')
  assert.is(ended.code, 1)
  assert.match(ended.stderr, /Reopened at position 3 \(ticket-T-\w{8}, version 3\): not on a Monday \(bad\.ts:5\)/)
  assert.is(ended.stderr.trim().split('\n').length, 1)
  assert.not(existsSync(at(setup, 'bad.db')))
  assert.not(existsSync(at(setup, 'bad.db.draft')))
})

project('a module without a valid projection fails in one line', async (setup) => {
  const shape = (body: string): string => `export const projection = ${body}`
  for (const [name, text, why] of [
    ['none.ts', 'export const other = 1', 'must export a "projection"'],
    ['syntax.ts', 'export const = ', 'cannot be loaded'],
    ['typo.ts', shape("{ tables: '', on: () => ({ Reopend: () => {} }) }"), 'no event is called "Reopend"'],
    ['tables.ts', shape("{ tables: 'CREATE NOTHING', on: () => ({}) }"), 'the tables or the statements are wrong'],
    ['print.ts', shape("{ tables: '', on: () => ({}), print: 'SELECT nothing' }"), 'the query to print is wrong'],
  ] as const) {
    const ended = await run(setup, moduleOf(setup, name, text), 'no.db')
    assert.is(ended.code, 1, name)
    assert.match(ended.stderr, why)
    assert.not(existsSync(at(setup, 'no.db')), name)
  }
  assert.match((await run(setup, at(setup, 'nowhere.ts'))).stderr, 'cannot be loaded')
})

project('a file of another program is never overwritten', async (setup) => {
  writeFileSync(at(setup, 'mine.db'), 'my own notes')
  const ended = await run(setup, example, 'mine.db')
  assert.is(ended.code, 1)
  assert.match(ended.stderr, 'was not made by "project"')
  assert.is(readFileSync(at(setup, 'mine.db'), 'utf8'), 'my own notes')
  assert.is((await run(setup, example, 'data/log.db')).code, 1)
})

project.run()
