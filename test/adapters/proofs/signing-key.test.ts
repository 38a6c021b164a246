import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answersAtOnce } from '../../support/at-once.ts'
import { signingKey } from '../../../adapters/proofs/signing-key.ts'

const keys = suite<{ folder: string }>('the key of tree heads')
keys.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-key-'))
})
keys.after.each(({ folder }) => rmSync(folder, { recursive: true }))

keys('the key is made once, readable by its owner alone', ({ folder }) => {
  const file = join(folder, 'new', 'key')
  const key = signingKey(file)
  assert.is(key.length, 32)
  assert.equal(signingKey(file), key)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.is(statSync(join(folder, 'new')).mode & 0o777, 0o700)
  assert.equal(readdirSync(join(folder, 'new')), ['key'])
})

keys('a file without a key is an error, not a new key', ({ folder }) => {
  const file = join(folder, 'key')
  for (const text of ['', 'short', 'g'.repeat(64)]) {
    writeFileSync(file, text, { mode: 0o600 })
    assert.throws(() => signingKey(file), /holds no signing key/)
    assert.is(readFileSync(file, 'utf8'), text)
  }
  mkdirSync(join(folder, 'directory'))
  assert.throws(() => signingKey(join(folder, 'directory')))
})

keys('a file that others can read or write is no place for a key', ({ folder }) => {
  const file = join(folder, 'key')
  signingKey(file)
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610]) {
    chmodSync(file, mode)
    assert.throws(() => signingKey(file), /can be read or written by others/)
  }
  chmodSync(file, 0o400)
  assert.is(signingKey(file).length, 32)
})

keys('processes that start at once use the same key', async ({ folder }) => {
  const module = new URL('../../../adapters/proofs/signing-key.ts', import.meta.url)
  const call = "Buffer.from(module.signingKey(argument)).toString('hex')"
  const answers = await answersAtOnce(folder, module, call, join(folder, 'key'))
  assert.is(new Set(answers).size, 1)
  assert.match(answers[0] ?? '', /^[\w-]{8,}$/)
})

keys.run()
