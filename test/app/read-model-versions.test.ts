import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tickets } from '../../projections/ticket-list/ticket-list.ts'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { editedProgram, type Edit } from '../support/program.ts'
import { startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** Real starts of one version of the program on a data folder that another version wrote. */
const test = suite('versions of read models')

const list = 'projections/ticket-list/rows.ts'
const ofVersion = (version: number): string => `name: 'tickets',\n  version: ${version},`
const nextVersion: Edit = { file: list, from: ofVersion(tickets.version), to: ofVersion(tickets.version + 1) }

const changedColumn: readonly Edit[] = [
  nextVersion,
  { file: list, from: '    version: integer,\n', to: '    version: integer,\n    added: text,\n' },
  { file: list, from: '        version,\n      })', to: "        version,\n        added: 'new',\n      })" },
]

const changedHandler: readonly Edit[] = [
  nextVersion,
  { file: list, from: ': personal.subject,', to: ': personal.subject.toUpperCase(),' },
]

const newReadModel: readonly Edit[] = [
  {
    file: 'projections/test-only/test-only.ts',
    text: `
      import { rowCache } from '../cache/row-cache.ts'
      import { defineTable, integer, text } from '../cache/table.ts'
      import type { Projection } from '../projection.ts'

      const opened = defineTable('test_only', { account: text, n: integer }, { key: ['account'] })
      export const testOnly: Projection<unknown> = {
        name: 'test-only',
        version: 1,
        tables: opened.sql,
        on: (context) => {
          const rows = rowCache(context, opened)
          return {
            Opened: ({ data: { account } }) => {
              const row = rows.change(account) ?? rows.add({ account, n: 0 })
              row.n++
            },
          }
        },
        queries: (db) => {
          const find = db.prepare('SELECT n FROM test_only WHERE account = ?').pluck()
          return { opened: (account) => find.get(account) }
        },
      }
    `,
  },
  {
    file: 'projections/registry.ts',
    from: 'export const helpdesk = {',
    to: "import { testOnly } from './test-only/test-only.ts'\nexport const helpdesk = { testOnly,",
  },
]

const removedReadModel: readonly Edit[] = [{ file: 'projections/registry.ts', from: ' files, search', to: ' search' }]

const changedRunner: readonly Edit[] = [
  { file: 'app/projections/runner-tables.ts', from: 'const runnerSchema = 2', to: 'const runnerSchema = 3' },
]

const opening = { subject: 'No picture', description: 'It is dark.', category: 'other' }

interface Listed {
  readonly status: number
  readonly subjects: readonly unknown[]
  readonly detail: unknown
}

const listed = async (client: Client): Promise<Listed> => {
  const { status, body } = await client.get('/v1/tickets')
  const items = Array.isArray(body['items']) ? body['items'] : []
  return { status, subjects: items.map(({ subject }) => subject), detail: body['detail'] }
}

/** What a file of read models holds, to see that another version leaves it alone. */
const schemaIn = (file: string): unknown => {
  const db = new Sqlite(file, { readonly: true })
  try {
    return [
      db.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all(),
      db.prepare('SELECT projection, version FROM checkpoints').all(),
    ]
  } finally {
    db.close()
  }
}

/** Keeps every process from rebuilding in this folder, until the result is called. */
const blockRebuilds = (folder: string): (() => void) => {
  const db = new Sqlite(join(folder, 'generations.db'))
  db.exec('BEGIN IMMEDIATE')
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}

interface Case {
  readonly name: string
  readonly edits: readonly Edit[]
  /** The list while the rebuild has not begun. */
  readonly meanwhile: (seen: Listed) => void
  /** The subjects of two tickets, of which the second was opened meanwhile, once the rebuild is done. */
  readonly after: readonly string[]
  readonly names: (names: readonly string[]) => boolean
}

const answersAsBefore = ({ status, subjects }: Listed): void => {
  assert.is(status, 200)
  assert.equal(subjects, ['No picture', 'No picture'], 'the list is fed')
}

const cases: readonly Case[] = [
  {
    name: 'a changed column',
    edits: changedColumn,
    meanwhile: ({ status, detail }) => {
      assert.is(status, 503)
      assert.match(String(detail), 'the read model "tickets" is being rebuilt')
    },
    after: ['No picture', 'No picture'],
    names: (names) => names.includes('tickets'),
  },
  {
    name: 'a changed handler',
    edits: changedHandler,
    meanwhile: ({ status, subjects }) => {
      assert.is(status, 200)
      assert.equal(subjects, ['No picture'], 'the old version answers as it stands')
    },
    after: ['NO PICTURE', 'NO PICTURE'],
    names: (names) => names.includes('tickets'),
  },
  {
    name: 'a new read model',
    edits: newReadModel,
    meanwhile: answersAsBefore,
    after: ['No picture', 'No picture'],
    names: (names) => names.includes('test-only'),
  },
  {
    name: 'a removed read model',
    edits: removedReadModel,
    meanwhile: answersAsBefore,
    after: ['No picture', 'No picture'],
    names: (names) => !names.includes('files'),
  },
]

for (const { name, edits, meanwhile, after, names } of cases) {
  test(`${name}: starts, takes commands, and answers once it is rebuilt; and back to the version before`, async () => {
    const [folder, program] = [temporaryFolder(), editedProgram(edits)]
    let server = await startServer(folder.path)
    let unblock: (() => void) | null = null
    try {
      const token = await demoToken(folder.path, 'Ann Archer')
      const ann = (): Client => clientOf(server.url, token)
      assert.is((await ann().post('/v1/tickets', opening)).status, 201)
      await until(async () => (await listed(ann())).subjects.length === 1)
      await server.stop()

      const file = join(folder.path, 'read-models.db')
      const before = schemaIn(file)
      unblock = blockRebuilds(folder.path)
      server = await startServer(folder.path, {}, program.path)
      const started = performance.now()
      const opened = await ann().post('/v1/tickets', opening)
      assert.is(opened.status, 201, 'commands are accepted')
      assert.ok(performance.now() - started < 60_000)
      meanwhile(await listed(ann()))
      assert.is((await ann().get(`/v1/tickets/${String(opened.body['id'])}`)).status, 200)
      assert.equal(schemaIn(file), before, 'the file of the other version is not altered')

      unblock()
      unblock = null
      const isDone = ({ status, subjects }: Listed): boolean =>
        status === 200 && JSON.stringify(subjects) === JSON.stringify(after)
      await until(async () => isDone(await listed(ann())))
      const sue = clientOf(server.url, await demoToken(folder.path, 'Sue Singh'))
      await until(async () => {
        const { items } = (await sue.get('/v1/projections')).body
        return Array.isArray(items) && names(items.map((each) => each.name))
      })
      await server.stop()

      server = await startServer(folder.path)
      const again = ({ status, subjects }: Listed): boolean =>
        status === 200 && subjects.length === 2 && subjects.every((subject) => subject === 'No picture')
      await until(async () => again(await listed(ann())))
      assert.is((await ann().post('/v1/tickets', opening)).status, 201)
      await until(async () => (await listed(ann())).subjects.length === 3)
    } finally {
      unblock?.()
      await server.kill()
      folder.remove()
      program.remove()
    }
  })
}

test("a file of another version of the runner's own tables is made again", async () => {
  const [folder, program] = [temporaryFolder(), editedProgram(changedRunner)]
  let server = await startServer(folder.path)
  try {
    const token = await demoToken(folder.path, 'Ann Archer')
    const ann = (): Client => clientOf(server.url, token)
    assert.is((await ann().post('/v1/tickets', opening)).status, 201)
    await server.stop()
    for (const tree of [program.path, undefined]) {
      server = await startServer(folder.path, {}, tree)
      assert.equal((await listed(ann())).subjects, ['No picture'])
      await server.stop()
    }
  } finally {
    await server.kill()
    folder.remove()
    program.remove()
  }
})

test.run()
