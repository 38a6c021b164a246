import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answersAtOnce } from '../../support/at-once.ts'
import { openKeyring, purposes, rotateKeys } from '../../../adapters/identity/keyring.ts'

interface Context {
  folder: string
  file: string
  now: number
}

const keys = suite<Context>('the keys')
keys.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-keys-'))
  context.file = join(context.folder, 'new', 'keys.json')
  context.now = Date.parse('2026-01-01T00:00:00Z')
})
keys.after.each(({ folder }) => rmSync(folder, { recursive: true }))

const hour = 3_600_000

keys('are made once, one for each purpose, in a file of their owner alone', ({ folder, file }) => {
  const ring = openKeyring(file, { now: Date.now })
  const secrets = purposes.map((purpose) => Buffer.from(ring.current(purpose).secret).toString('hex'))
  assert.is(new Set(secrets).size, 3)
  for (const secret of secrets) assert.match(secret, /^[0-9a-f]{64}$/)
  const again = openKeyring(file, { now: Date.now })
  for (const purpose of purposes) assert.equal(again.current(purpose), ring.current(purpose))
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.equal(readdirSync(join(folder, 'new')), ['keys.json'])
})

keys('sign anew after a rotation, and accept what was signed before until it ends', (context) => {
  const { file } = context
  const clock = { now: () => context.now }
  const ring = openKeyring(file, clock)
  const before = Object.fromEntries(purposes.map((purpose) => [purpose, ring.current(purpose).kid]))
  rotateKeys(file, clock, false)
  // The running server reads the changed file by itself.
  for (const purpose of purposes) {
    const { kid } = ring.current(purpose)
    assert.is.not(kid, before[purpose])
    assert.ok(ring.find(purpose, kid))
    assert.ok(ring.find(purpose, before[purpose] ?? ''), purpose)
    for (const other of purposes.filter((each) => each !== purpose)) assert.is(ring.find(other, kid), null)
  }
  context.now += 9 * hour
  assert.is(ring.find('sessions', before['sessions'] ?? ''), null)
  assert.ok(ring.find('demo-tokens', before['demo-tokens'] ?? ''))
  context.now += 90 * 24 * hour
  assert.is(ring.find('demo-tokens', before['demo-tokens'] ?? ''), null)
  assert.ok(ring.find('mail-links', before['mail-links'] ?? ''), 'a link in a mail never ends')
  rotateKeys(file, clock, false)
  assert.not.match(readFileSync(file, 'utf8'), before['sessions'] ?? 'none')
  assert.match(readFileSync(file, 'utf8'), before['mail-links'] ?? 'none')
})

keys('that were revoked are gone at once', ({ file }) => {
  const ring = openKeyring(file, { now: Date.now })
  const before = purposes.map((purpose) => ring.current(purpose).kid)
  rotateKeys(file, { now: Date.now }, true)
  for (const [n, purpose] of purposes.entries()) assert.is(ring.find(purpose, before[n] ?? ''), null)
  assert.equal(readdirSync(join(file, '..')), ['keys.json'])
})

keys('of a file that others can read or write, or that holds something else, are not used', ({ file }) => {
  openKeyring(file, { now: Date.now })
  for (const mode of [0o640, 0o604, 0o620, 0o602]) {
    chmodSync(file, mode)
    assert.throws(() => openKeyring(file, { now: Date.now }), /can be read or written by others/)
    assert.throws(() => rotateKeys(file, { now: Date.now }, false), /can be read or written by others/)
  }
  chmodSync(file, 0o600)
  const good = readFileSync(file, 'utf8')
  for (const text of [
    '',
    '{}',
    '[]',
    good.slice(0, -9),
    good.replace(/"secret": "../, '"secret": "'),
    '{"sessions":[]}',
  ]) {
    writeFileSync(file, text)
    assert.throws(() => openKeyring(file, { now: Date.now }), /holds no keys/)
    assert.is(readFileSync(file, 'utf8'), text)
  }
})

keys('stay in use while a changed file cannot be used, which is reported once', ({ file }) => {
  const errors: unknown[] = []
  const ring = openKeyring(file, { now: Date.now }, (error) => errors.push(error))
  const { kid } = ring.current('sessions')
  writeFileSync(file, 'nonsense')
  for (let n = 0; n < 3; n++) assert.ok(ring.find('sessions', kid))
  assert.is(errors.length, 1)
  rmSync(file)
  assert.ok(ring.find('sessions', kid))
})

keys('are the same for processes that start at once', async ({ folder }) => {
  const module = new URL('../../../adapters/identity/keyring.ts', import.meta.url)
  const call = "module.openKeyring(argument, Date).current('sessions').kid"
  const answers = await answersAtOnce(folder, module, call, join(folder, 'key'))
  assert.is(new Set(answers).size, 1)
  assert.match(answers[0] ?? '', /^[\w-]{8,}$/)
})

keys.run()
