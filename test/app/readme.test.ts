import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandBlocks, documents, root, textOf } from '../support/repository-files.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Runs the command lines of README and of the documents as they are printed, against a real server. */
const readme = suite('the commands in the documents')

/** How many `sh` blocks each document has that are not executed. A new one must be counted here. */
const notRun: Readonly<Record<string, number>> = {
  'CONTRIBUTING.md': 3,
  'README.md': 2,
  'docs/operations/backup.md': 2,
  'docs/operations/cluster.md': 4,
  'docs/operations/files.md': 1,
  'docs/operations/mail.md': 1,
  'docs/operations/sign-in.md': 3,
}

/** The commands of a document that can be run, as one script. */
const scriptOf = (document: string): string =>
  commandBlocks(textOf(document))
    .filter(({ how }) => how === 'run')
    .map(({ commands }) => commands)
    .join('\n')

interface Workspace {
  readonly path: string
  readonly data: string
  readonly remove: () => void
}

/** A folder that looks like the repository, so that commands may leave files in it. */
const workspace = (): Workspace => {
  const { path, remove } = temporaryFolder()
  for (const entry of readdirSync(root)) {
    if (!['data', '.git', 'coverage'].includes(entry)) symlinkSync(join(root, entry), join(path, entry))
  }
  return { path, data: join(path, 'data'), remove }
}

const run = async ({ path, data }: Workspace, script: string, url = ''): Promise<string> => {
  const env = {
    ...process.env,
    API: url,
    LEDGERDESK_DATA: data,
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  }
  return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: path, env })).stdout
}

interface Running extends Workspace {
  readonly url: string
  readonly close: () => Promise<void>
}

const start = async (): Promise<Running> => {
  const place = workspace()
  const server = await startServer(place.data)
  return {
    ...place,
    url: server.url,
    close: async () => {
      await server.stop()
      place.remove()
    },
  }
}

readme("README's quick start prints what it says", async () => {
  const place = await start()
  try {
    const stdout = await run(place, scriptOf('README.md'), place.url)
    assert.match(stdout, '"status":"open"')
    assert.match(stdout, '"status":"waiting_for_customer"')
    assert.match(stdout, '"waiting":1')
    assert.match(stdout, /image\/png, 5984 bytes\n/)
    assert.match(stdout, '"status":"closed"')
    assert.match(stdout, 'Sue Singh (support) commented: Which region is it?')
    assert.match(stdout, 'Ann Archer (customer) closed it')
  } finally {
    await place.close()
  }
})

readme('the CSV file of the examples is imported as printed, once', async () => {
  const place = workspace()
  try {
    const script = commandBlocks(textOf('docs/import.md'))[0]?.commands ?? ''
    const [, printed = ''] = /# (\{.*\})/.exec(script) ?? []
    const counted = (answer: string): object => ({ ...JSON.parse(answer), seconds: 0 })
    assert.equal(counted(await run(place, script)), counted(printed))
    assert.equal(counted(await run(place, script)), { ...counted(printed), events: 0, tickets: 0 })
    const { stdout } = await ledgerdesk(place.data, 'export')
    assert.match(
      stdout,
      '"subject":"No picture","description":"The stream is dark since noon.\\n\\"No signal\\", it says."',
    )
    assert.match(stdout, '"occurredAt":"2024-03-04T07:50:59.000Z"')
  } finally {
    place.remove()
  }
})

/**
 * What each document's output must hold, beyond that every command ends with 0. They run in this order on one server,
 * after the import, which brings the tickets of `examples`.
 */
const expected: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'docs/import.md': ['"commands":8,', /\{"events":11,"seconds"/, '{"events":11,"ok":true,"firstBad":null}'],
  'docs/api.md': [
    '"role":"service"',
    '"name":"Ann Archer"',
    '"type":"/problems/validation"',
    /event: counters\ndata: \{"waiting":0/,
  ],
  'docs/proof-format.md': ['Ann Archer (customer)', /(\{"events":\d+,"ok":true,"firstBad":null\}\n){2}/],
  'docs/own-projection.md': [/Monday\s+1/, /video-cdn/],
  'docs/operations/configuration.md': [
    '{"status":"ready","reason":null,"progress":null}',
    'ledgerdesk_projection_lag_seconds{',
  ],
  'docs/operations/states.md': ['"status":"ready"', 'ledgerdesk_state{state="ready"} 1'],
  'docs/operations/data-folder.md': [/search/],
  'docs/operations/mail.md': ['{"retried":0}'],
  'docs/operations/files.md': ['{"files":0,"ok":true,"flaws":[],"orphans":[],"unused":0}'],
  'docs/operations/backup.md': [
    '{"files":0,"ok":true,"flaws":[],"orphans":[],"unused":0}',
    /"ok":true,"firstBad":null/,
  ],
}

let shared: Running
readme.before(async () => {
  shared = await start()
})
readme.after(() => shared.close())

for (const [document, patterns] of Object.entries(expected)) {
  readme(`those of ${document} run as printed`, async () => {
    const stdout = await run(shared, scriptOf(document), shared.url)
    for (const pattern of patterns) assert.match(stdout, pattern)
    const refused = [...stdout.matchAll(/"type":"\/problems\/[a-z-]+"/g)].length
    assert.is(refused, patterns.filter((pattern) => String(pattern).includes('/problems/')).length, stdout)
  })
}

readme('each document with commands is run, and what is not run is counted', () => {
  const blocks = documents.map((document) => ({ document, all: commandBlocks(textOf(document)) }))
  const counted = blocks
    .map(({ document, all }) => ({ document, count: all.filter(({ how }) => how !== 'run').length }))
    .filter(({ count }) => count > 0)
  assert.equal(
    counted.map(({ document, count }) => `${document}: ${count}`),
    Object.entries(notRun).map(([document, count]) => `${document}: ${count}`),
  )
  const run = blocks.filter(({ all }) => all.some(({ how }) => how === 'run')).map(({ document }) => document)
  assert.equal(run, ['README.md', ...Object.keys(expected)].toSorted())
})

readme('the npm scripts that documents name are in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const document of documents) {
    for (const [, name = ''] of textOf(document).matchAll(/npm run (?:--silent )?([a-z:]+)/g)) {
      assert.ok(name in scripts, `${document}: npm run ${name}`)
    }
  }
})

readme.run()
