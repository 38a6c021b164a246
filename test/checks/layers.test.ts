import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkLayers } from './layers.ts'

const layers = suite('the layers')
const repository = resolve(import.meta.dirname, '../..')

/** The problems that the check finds in a small tree with these files. */
const problemsOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const root = mkdtempSync(join(tmpdir(), 'ledgerdesk-layers-'))
  try {
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
    symlinkSync(join(repository, 'package.json'), join(root, 'package.json'))
    symlinkSync(join(repository, 'tsconfig.json'), join(root, 'tsconfig.json'))
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(join(root, dirname(file)), { recursive: true })
      writeFileSync(join(root, file), source)
    }
    return (await checkLayers(root)).problems
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const value = 'export const a = 1\n'

layers('the repository keeps them, and every module was read', async () => {
  const { modules, problems } = await checkLayers(repository)
  assert.equal(problems, [])
  assert.ok(modules > 100, `${modules} modules`)
})

layers('a tree that keeps the rules passes', async () => {
  const files = {
    'domain/a.ts': "import * as E from 'fp-ts/lib/Either.js'\nimport * as t from 'io-ts'\nexport const a = [E, t]\n",
    'projections/a.ts':
      "import { a } from '../domain/a.ts'\nimport MiniSearch from 'minisearch'\nexport const b = [a, MiniSearch]\n",
    'adapters/a.ts':
      "import { b } from '../projections/a.ts'\nimport 'node:fs'\nimport 'express'\nexport const c = b\n",
    'app/a.ts': "import { c } from '../adapters/a.ts'\nexport const d = c\n",
    'test/a.ts': "import { d } from '../app/a.ts'\nimport 'fast-check'\nexport const e = d\n",
  }
  assert.equal(await problemsOf(files), [])
})

const violations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'domain-imports-nothing-above': { 'domain/a.ts': "import '../app/b.ts'\n", 'app/b.ts': value },
  'projections-imports-nothing-above': { 'projections/a.ts': "import '../adapters/b.ts'\n", 'adapters/b.ts': value },
  'adapters-imports-nothing-above': {
    'adapters/a.ts': "import type { B } from '../app/b.ts'\nexport type A = B\n",
    'app/b.ts': 'export type B = 1\n',
  },
  'domain-imports-only-fp-ts-io-ts': { 'domain/a.ts': "import 'express'\n" },
  'domain-does-no-io': { 'domain/a.ts': "import 'node:crypto'\n" },
  'projections-imports-only-better-sqlite3-minisearch': { 'projections/a.ts': "import 'express'\n" },
  'projections-does-no-io': { 'projections/a.ts': "import 'node:fs'\n" },
  'nobody-imports-tests': { 'app/a.ts': "import '../test/b.ts'\n", 'test/b.ts': value },
  'http-imports-nothing-of-web': {
    'adapters/http/a.ts': "import '../web/src/b.ts'\n",
    'adapters/web/src/b.ts': value,
  },
  'web-imports-nothing-of-http': {
    'adapters/web/src/a.tsx': "import type { B } from '../../http/b.ts'\nexport type A = B\n",
    'adapters/http/b.ts': 'export type B = 1\n',
  },
  'api-imports-only-the-domain': { 'adapters/api/a.ts': "import '../http/b.ts'\n", 'adapters/http/b.ts': value },
  'no-loops': {
    'domain/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
    'domain/b.ts': "import type { C } from './c.ts'\nexport const b: C = 1\n",
    'domain/c.ts': "import type { a } from './a.ts'\nexport type C = number | typeof a\n",
  },
  'nothing-missing': { 'domain/a.ts': "import './b.ts'\n" },
  'no-development-package-in-the-product': { 'app/a.ts': "import 'fast-check'\n" },
}

for (const [rule, files] of Object.entries(violations)) {
  layers(`${rule} fails when broken`, async () => {
    const problems = await problemsOf(files)
    assert.ok(
      problems.some((problem) => problem.startsWith(`${rule}: `)),
      JSON.stringify(problems),
    )
  })
}

layers('a tree of which nothing was read fails', async () => {
  assert.equal(await problemsOf({}), ['no file was found'])
})

layers.run()
