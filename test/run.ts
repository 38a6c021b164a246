/**
 * Runs every `*.test.ts` below `test` (or those whose path contains one of the arguments), each in a process of its own,
 * two at a time, and ends with the line `N passed, N failed[, N skipped]`. Fails when nothing ran, when a test that
 * exists did not run, and when something was skipped that `support/skips.ts` does not declare. `LEDGERDESK_TESTS` names
 * another folder to look in, so that `checks/run.test.ts` can show it files that must fail.
 */
import { fork } from 'node:child_process'
import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileResult } from './support/run-file.ts'

const here = process.env['LEDGERDESK_TESTS'] ?? import.meta.dirname
const wanted = process.argv.slice(2)
const files = globSync('**/*.test.ts', { cwd: here, exclude: (path) => path.endsWith('node_modules') })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .toSorted()
const child = fileURLToPath(new URL('support/run-file.ts', import.meta.url))

/** A file that hangs is ended, and has failed; a soak may take its time. */
const longestMs = process.env['LEDGERDESK_SOAK'] === '1' ? 0 : 5 * 60_000

const runFile = (file: string): Promise<FileResult> =>
  new Promise((resolve) => {
    const started = Date.now()
    const run = fork(child, [`${here}/${file}`], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      timeout: longestMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    let result: FileResult | undefined
    run.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    run.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    run.on('message', (message: FileResult) => (result = message))
    run.on('close', (code, signal) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      const outcome = result ?? { passed: 0, failed: 1, skipped: 0, problems: [`ended with ${signal ?? code}`] }
      const bad = outcome.failed > 0
      console.log(
        `${bad ? 'FAILED' : 'ok'} ${relative('.', `${here}/${file}`)} (${outcome.passed} tests, ${seconds} s)`,
      )
      if (bad) console.log([output, ...outcome.problems].join('\n'))
      else for (const [line] of output.matchAll(/(seed|skipped|measured): .*/g)) console.log(`  ${line}`)
      resolve(outcome)
    })
  })

const queue = [...files]
const results: FileResult[] = []
const work = async (): Promise<void> => {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) results.push(await runFile(file))
}
await Promise.all([work(), work()])

const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((n, result) => n + result[key], 0)
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
if (passed === 0) console.log('no test ran')
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
