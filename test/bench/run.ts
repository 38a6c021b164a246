/**
 * `npm run bench` (all) or `npm run bench -- NAME …`: prints a table and writes `bench-results.json`. The peers are
 * installed into this folder at the first run.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contest, Result } from './contest.ts'
import { measure } from './contest.ts'

const here = import.meta.dirname
const names = ['append', 'replay', 'search', 'http', 'live']

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

const tell = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 3 })

const row = (result: Result): string => {
  const others = Object.entries(result.ratios).map(([name, ratio]) => `${figure(ratio)} × ${name}`)
  const verdict = result.met === null ? '' : result.met ? 'met' : 'MISSED'
  return `| ${result.name} | ${result.what} | ${figure(result.ours)} ${result.unit} | ${others.join(', ')} | ${result.bar ?? ''} | ${verdict} |`
}

const cases: Result[] = []
console.log('| case | the work | ours | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |')
for (const name of wanted.length > 0 ? wanted : names) {
  const { contests }: { readonly contests: () => Promise<readonly Contest[]> } = await import(`./cases/${name}.ts`)
  for (const contest of await contests()) {
    const result = await measure(contest, tell)
    tell('')
    console.log(row(result))
    cases.push(result)
  }
}
writeFileSync('bench-results.json', `${JSON.stringify({ cases }, null, 2)}\n`)
