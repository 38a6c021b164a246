import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, temporaryFolder } from '../support/server.ts'

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'README.md'), 'utf8')

const readme = suite('README')

readme('its quick start works as printed', async () => {
  const start = text.indexOf('## Quick start over HTTP')
  const [, commands] = /```sh\n([\s\S]*?)```/.exec(text.slice(start)) ?? []
  assert.ok(commands, 'the quick start has commands')
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  try {
    const env = {
      ...process.env,
      API: server.url,
      LEDGERDESK_DATA: folder.path,
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    }
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands ?? ''], { cwd: root, env })
    assert.match(stdout, '"status":"open"')
    assert.match(stdout, '"status":"waiting_for_customer"')
    assert.match(stdout, '"waiting":1')
    assert.match(stdout, /image\/png, 5984 bytes\n/)
    assert.match(stdout, '"status":"closed"')
    assert.match(stdout, 'Sue Singh (support) commented: Which region is it?')
    assert.match(stdout, 'Ann Archer (customer) closed it')
  } finally {
    await server.stop()
    folder.remove()
  }
})

readme('its commands are the ones that package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, name = ''] of text.matchAll(/npm run ([a-z:]+)/g)) assert.ok(name in scripts, `npm run ${name}`)
})

readme.run()
