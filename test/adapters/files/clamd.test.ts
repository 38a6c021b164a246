import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clamdScanner } from '../../../adapters/files/clamd.ts'
import { eicar, hasDaemon, startDaemon, startStandIn } from '../../support/clamd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipHere } from '../../support/skips.ts'

const clamd = suite('the virus scanner')
const folder = temporaryFolder()
clamd.after(() => folder.remove())

const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder.path, name)
  writeFileSync(path, content)
  return path
}
const good = fileOf('good.txt', 'all is well')
const large = fileOf('large.txt', Buffer.alloc(20 * 1_048_576, 'a'))
const bad = fileOf('bad.txt', eicar)

const failures: unknown[] = []
const scannerAt = (port: number, timeoutMs?: number) =>
  clamdScanner('127.0.0.1', port, (error) => failures.push(error), timeoutMs)

clamd('clean, infected, and clean for a large file sent in pieces', async () => {
  const standIn = await startStandIn()
  const scan = scannerAt(standIn.port)
  assert.equal([await scan(good), await scan(bad), await scan(large)], ['clean', 'infected', 'clean'])
  await standIn.close()
})

clamd('a failure is never the verdict clean', async () => {
  const standIn = await startStandIn()
  for (const behaviour of ['drop', 'refuse', 'stall'] as const) {
    standIn.behaviour = behaviour
    assert.is(await scannerAt(standIn.port, 200)(good), 'unknown', behaviour)
    assert.is(await scannerAt(standIn.port, 200)(large), 'unknown', behaviour)
  }
  await standIn.close()
  const before = failures.length
  assert.is(await scannerAt(standIn.port)(good), 'unknown')
  assert.is(failures.length, before + 1)
})

if (!hasDaemon) skipHere(import.meta.filename)
else {
  clamd('the real daemon gives the same verdicts', async () => {
    const settings = join(folder.path, 'clamd')
    mkdirSync(settings)
    const daemon = await startDaemon(settings)
    const scan = scannerAt(daemon.port)
    assert.equal([await scan(good), await scan(bad), await scan(large)], ['clean', 'infected', 'clean'])
    await daemon.close()
  })
}

clamd.run()
