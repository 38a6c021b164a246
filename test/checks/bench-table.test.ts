import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Result } from '../bench/benchmark.ts'
import { withTable } from '../bench/table.ts'

const table = suite('the table of benchmarks')

const result: Result = {
  name: 'append',
  what: 'tickets opened',
  unit: 'commands/s',
  better: 'higher',
  ours: 1234.5,
  raw: 2469,
  peers: { emmett: 100 },
  ratios: { raw: 0.5, emmett: 12.345 },
  runs: { ours: [1100, 1234.5, 1300] },
  bar: '≥ 0.5 × raw',
  met: true,
}

table('replaces what is between its marks and nothing else', () => {
  const before = 'above\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nbelow\n'
  const after = withTable(before, [result, { ...result, name: 'other', met: false }], 'a machine')
  assert.match(after, /^above\n<!-- bench: begin -->\n\n\| case/)
  assert.match(
    after,
    '| append | tickets opened | 1,230 commands/s | 1,100 – 1,300 | 0.5 × raw, 12.3 × emmett | ≥ 0.5 × raw | met |',
  )
  assert.match(after, /\| other .*\*\*missed\*\* \|/)
  assert.match(after, /Measured on a machine\.\n\n<!-- bench: end -->\nbelow\n$/)
  assert.not.match(after, 'old')
  assert.is(withTable(after, [result, { ...result, name: 'other', met: false }], 'a machine'), after)
  assert.throws(() => withTable('no marks', [result], 'a machine'), /there is no/)
})

table('docs/benchmarks.md has both marks', () => {
  const document = readFileSync('docs/benchmarks.md', 'utf8')
  assert.not.throws(() => withTable(document, [result], 'a machine'))
})

table.run()
