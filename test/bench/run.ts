/**
 * `npm run bench` (all cases) or `npm run bench -- NAME …`: prints a table and writes `bench-results.json`, which
 * `npm run bench:readme` writes into `docs/benchmarks.md`. The first run installs the peers into this folder.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Benchmark, Result } from './benchmark.ts'
import { measure } from './benchmark.ts'
import { figure, ratiosOf, tableOf, verdict } from './table.ts'

const here = import.meta.dirname
const names = ['append', 'replay', 'rebuild', 'search', 'list', 'http', 'live', 'beside', 'start']

if (!existsSync(join(here, 'node_modules'))) {
  console.error('installing the peers, once')
  execFileSync('npm', ['ci'], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] })
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const cases: Result[] = []
for (const name of wanted.length > 0 ? wanted : names) {
  const { benchmarks }: { readonly benchmarks: () => Promise<readonly Benchmark[]> } = await import(
    `./cases/${name}.ts`
  )
  for (const benchmark of await benchmarks()) {
    const result = await measure(benchmark, progress)
    progress('')
    const parts = [`${figure(result.ours)} ${result.unit}`, ratiosOf(result), verdict(result)].filter(
      (each) => each !== '',
    )
    console.log(`${result.what}: ${parts.join(', ')}`)
    cases.push(result)
  }
}
// Cases that did not run this time keep their results.
const file = 'bench-results.json'
const before: { readonly cases: readonly Result[] } = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { cases: [] }
const kept = before.cases.filter(({ name }) => !cases.some((each) => each.name === name))
const ordered = [...kept, ...cases].toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
writeFileSync(file, `${JSON.stringify({ cases: ordered }, null, 2)}\n`)
console.log(`\n${tableOf(cases)}`)
// The servers and peers that the cases started would keep this process alive.
process.exit(0)
