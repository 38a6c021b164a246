/** `npm run bench:readme`: writes the table of `bench-results.json` into `docs/benchmarks.md`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Result } from './benchmark.ts'
import { withTable } from './table.ts'

if (!existsSync('bench-results.json')) throw new Error('run `npm run bench` first')
const { cases }: { readonly cases: readonly Result[] } = JSON.parse(readFileSync('bench-results.json', 'utf8'))
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`
const document = 'docs/benchmarks.md'
writeFileSync(document, withTable(readFileSync(document, 'utf8'), cases, machine))
