import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const runner = suite('the test runner')
const repository = resolve(import.meta.dirname, '../..')

interface Ran {
  readonly code: number | null
  /** The last line of the output. */
  readonly last: string
  readonly errors: string
}

/** Runs a folder with these test files, or those of them that the names select. */
const ran = (files: Readonly<Record<string, string>>, ...names: readonly string[]): Ran => {
  const root = mkdtempSync(join(tmpdir(), 'ledgerdesk-run-'))
  try {
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
    mkdirSync(join(root, 'test'))
    for (const [file, source] of Object.entries(files)) writeFileSync(join(root, 'test', file), source)
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, 'test/run.ts'), ...names], {
      env: { ...process.env, LEDGERDESK_TESTS: join(root, 'test') },
      encoding: 'utf8',
    })
    return { code: status, last: stdout.trimEnd().split('\n').at(-1) ?? '', errors: stderr }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const file = (body: string): string => `import { suite } from 'uvu'\nconst fixture = suite('fixture')\n${body}\n`
/** In two parts, since the runner searches this file for it too. */
const only = ['.on', 'ly('].join('')
const fine = "fixture('is fine', () => {})"
const good = file(`${fine}\nfixture.run()`)

runner('prints how many passed and exits with 0', () => {
  assert.equal(ran({ 'a.test.ts': good, 'b.test.ts': good }), { code: 0, last: '2 passed, 0 failed', errors: '' })
})

runner('runs the files whose printed path contains one of the names', () => {
  const files = { 'first.test.ts': good, 'second.test.ts': good, 'third.test.ts': good }
  for (const names of [
    ['first', 'second'],
    ['test/first', 'test/sec'],
    ['./test/first.test.ts', 'second.test'],
  ]) {
    assert.equal(ran(files, ...names), { code: 0, last: '2 passed, 0 failed', errors: '' })
  }
  assert.is(ran(files, 'test/').last, '3 passed, 0 failed')
})

runner('a name that no path contains fails the run, before anything runs', () => {
  const { code, last, errors } = ran({ 'first.test.ts': good }, 'first', 'checks/')
  assert.equal([code, last, errors], [1, '', 'no path of a test file contains "checks/"\n'])
})

/** Files that uvu by itself, or a runner that relies on it, reports as passed. */
const bad: Readonly<Record<string, string>> = {
  'a failing test': file("fixture('fails', () => { throw new Error('no') })\nfixture.run()"),
  'a rejecting test': file("fixture('fails', async () => { await Promise.reject(new Error('no')) })\nfixture.run()"),
  'a throwing before': file(`fixture.before(() => { throw new Error('no') })\n${fine}\nfixture.run()`),
  'a throwing before.each': file(`fixture.before.each(() => { throw new Error('no') })\n${fine}\nfixture.run()`),
  'a throwing after': file(`fixture.after(() => { throw new Error('no') })\n${fine}\nfixture.run()`),
  'a throwing after.each': file(`fixture.after.each(() => { throw new Error('no') })\n${fine}\nfixture.run()`),
  'a thrown text': file("fixture('fails', () => { throw 'no' })\nfixture.run()"),
  'a thrown nothing': file(`fixture('fails', () => { throw undefined })\n${fine}\nfixture.run()`),
  'a forgotten .run()': file(fine),
  'one forgotten .run() of two': file(
    `${fine}\nfixture.run()\nconst other = suite('other')\nother('is not run', () => {})`,
  ),
  'a stray .only': file(`${fine}\nfixture${only}'alone', () => {})\nfixture.run()`),
  'a skip that is not declared': file(`${fine}\nfixture.skip('later', () => {})\nfixture.run()`),
  'a file without a test': 'export const nothing = 1\n',
  'a suite without a test': file('fixture.run()'),
  'a file that cannot be loaded': "import './is-not-there.ts'\n",
  'a file that throws': `${good}throw new Error('no')\n`,
  'a file that exits with 0': file("fixture('leaves', () => process.exit(0))\nfixture.run()"),
  'a test that never ends': file("fixture('waits', () => new Promise(() => {}))\nfixture.run()"),
  'an unhandled rejection': file(
    "fixture('leaves one behind', () => { Promise.reject(new Error('no')); return new Promise((r) => setImmediate(r)) })\nfixture.run()",
  ),
}

for (const [what, source] of Object.entries(bad)) {
  runner(`${what} fails the run, beside files that pass`, () => {
    const { code, last } = ran({ 'a.test.ts': good, 'bad.test.ts': source })
    assert.is(code, 1)
    assert.match(last, /^\d+ passed, [1-9]\d* failed/)
  })
}

runner('finding no file fails the run', () => {
  assert.equal(ran({ 'a.ts': good }), { code: 1, last: '0 passed, 0 failed', errors: '' })
})

runner.run()
