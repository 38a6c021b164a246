import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const lint = suite('the lint rules')
const repository = resolve(import.meta.dirname, '../..')

/** The exit status and output of oxlint for one file, under the project's own rules. */
const lintOf = (source: string): { readonly code: number | null; readonly output: string } => {
  const root = mkdtempSync(join(tmpdir(), 'ledgerdesk-lint-'))
  try {
    for (const shared of ['node_modules', 'package.json', '.oxlintrc.json']) {
      symlinkSync(join(repository, shared), join(root, shared))
    }
    writeFileSync(
      join(root, 'tsconfig.json'),
      JSON.stringify({ extends: join(repository, 'tsconfig.json'), include: ['*.ts'] }),
    )
    writeFileSync(join(root, 'file.ts'), source)
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--deny-warnings'], {
      cwd: root,
      encoding: 'utf8',
    })
    return { code: status, output: stdout }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

lint('a good file passes', () => {
  const { code, output } = lintOf("import { right } from 'fp-ts/lib/Either.js'\n\nexport const one = right(1)\n")
  assert.is(code, 0, output)
})

for (const path of ['fp-ts/Either', 'fp-ts/lib/Either', 'io-ts/PathReporter', 'fp-ts/es6/Either.js']) {
  lint(`${path} may not be imported: tsc finds it, Node does not`, () => {
    const { code, output } = lintOf(`import * as imported from '${path}'\n\nexport const one: unknown = imported\n`)
    assert.is.not(code, 0, output)
    assert.ok(output.includes('no-restricted-imports'), output)
  })
}

const broken: Readonly<Record<string, string>> = {
  'no-explicit-any': 'export const one = (value: any): number => Number(value)\n',
  'no-non-null-assertion': 'export const one = (list: readonly number[]): number => list[0]!\n',
  'no-unsafe-type-assertion': 'export const one = (value: unknown): string => value as string\n',
  'no-default-export': 'export default 1\n',
  'no-floating-promises': 'export const one = (): void => {\n  Promise.resolve(1)\n}\n',
  'no-unsafe-member-access': "export const one: unknown = JSON.parse('{}').one\n",
  'switch-exhaustiveness-check':
    "export const one = (side: 'a' | 'b'): number => {\n  switch (side) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  eqeqeq: 'export const one = (a: number, b: number): boolean => a == b\n',
}

for (const [rule, source] of Object.entries(broken)) {
  lint(`${rule} fails when broken`, () => {
    const { code, output } = lintOf(source)
    assert.is.not(code, 0, output)
    assert.ok(output.includes(rule), output)
  })
}

lint.run()
