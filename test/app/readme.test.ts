import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdesk, startServer, temporaryFolder } from '../support/server.ts'

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'README.md'), 'utf8')

const readme = suite('README')

/** The first commands below this heading. */
const commandsBelow = (heading: string): string => {
  const [, commands] = /```sh\n([\s\S]*?)```/.exec(text.slice(text.indexOf(`${heading}\n`))) ?? []
  assert.ok(commands, `${heading} has commands`)
  return commands ?? ''
}

/** What they print, run as they stand on this data folder. */
const printed = async (commands: string, folder: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`
  const options = { cwd: root, env: { ...process.env, ...env, LEDGERDESK_DATA: folder, PATH: path } }
  return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], options)).stdout
}

readme('its quick start works as printed', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  try {
    const stdout = await printed(commandsBelow('## Quick start over HTTP'), folder.path, { API: server.url })
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

readme('its csv is imported as printed, once', async () => {
  const folder = temporaryFolder()
  try {
    // Where it is run nothing is left behind.
    const commands = commandsBelow('### Import').replaceAll('tickets.ndjson', join(folder.path, 'tickets.ndjson'))
    const [, told = ''] = /# (\{.*\})/.exec(commands) ?? []
    const counted = (answer: string): object => ({ ...JSON.parse(answer), seconds: 0 })
    assert.equal(counted(await printed(commands, folder.path, {})), counted(told))
    assert.equal(counted(await printed(commands, folder.path, {})), { ...counted(told), events: 0, tickets: 0 })
    const { stdout } = await ledgerdesk(folder.path, 'export')
    assert.match(
      stdout,
      '"subject":"No picture","description":"The stream is dark since noon.\\n\\"No signal\\", it says."',
    )
    assert.match(stdout, '"occurredAt":"2024-03-04T07:50:59.000Z"')
  } finally {
    folder.remove()
  }
})

readme('its commands are the ones that package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, name = ''] of text.matchAll(/npm run ([a-z:]+)/g)) assert.ok(name in scripts, `npm run ${name}`)
})

readme.run()
