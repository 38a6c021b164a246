import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, relative, resolve } from 'node:path'
import type { FileResult } from './run-file.ts'

const child = resolve(import.meta.dirname, 'run-file.ts')
const testFolder = resolve(import.meta.dirname, '..')

/** A file that runs longer is ended and has failed. Generous, for a machine that is busy with other things. */
const longestMs = process.env['LEDGERDESK_SOAK'] === '1' ? 0 : 15 * 60_000

/** Most files wait for processes that they start, so two run even on one core; more than four need too much memory. */
const atATime = Math.min(4, Math.max(2, availableParallelism()))

interface FileRun {
  readonly file: string
  readonly result: FileResult
  readonly output: string
  readonly seconds: number
}

const runFile = (file: string): Promise<FileRun> =>
  new Promise((resolve) => {
    const started = performance.now()
    const run = fork(child, [file], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      timeout: longestMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    let reported: FileResult | undefined
    run.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    run.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    run.on('message', (message: FileResult) => (reported = message))
    run.on('close', (code, signal) => {
      const result = reported ?? { passed: 0, failed: 1, skipped: 0, problems: [`ended with ${signal ?? code}`] }
      resolve({ file, result, output, seconds: (performance.now() - started) / 1_000 })
    })
  })

const print = ({ file, result, output, seconds }: FileRun): void => {
  const isBad = result.failed > 0
  console.log(`${isBad ? 'FAILED' : 'ok'} ${relative('.', file)} (${result.passed} tests, ${seconds.toFixed(1)} s)`)
  if (isBad) console.log([output, ...result.problems].join('\n'))
  else for (const [line] of output.matchAll(/(seed|skipped|measured): .*/g)) console.log(`  ${line}`)
}

/** The seconds that each file took when it last ran; only an order is made of them, so a lost update does no harm. */
const timingsFile = resolve(import.meta.dirname, '../../node_modules/.cache/test-seconds.json')

const readTimings = (): ReadonlyMap<string, number> =>
  new Map(existsSync(timingsFile) ? Object.entries(JSON.parse(readFileSync(timingsFile, 'utf8'))) : [])

const writeTimings = (runs: readonly FileRun[]): void => {
  // Not those that a test makes for the runner: they never run again.
  const lasting = runs.filter(({ file }) => file.startsWith(testFolder))
  const timings = new Map([...readTimings(), ...lasting.map(({ file, seconds }) => [file, seconds] as const)])
  mkdirSync(dirname(timingsFile), { recursive: true })
  const draft = `${timingsFile}.${process.pid}`
  writeFileSync(draft, JSON.stringify(Object.fromEntries(timings)))
  renameSync(draft, timingsFile)
}

const printSlowest = (runs: readonly FileRun[]): void => {
  const slowest = runs.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10)
  if (runs.length <= slowest.length) return
  console.log('slowest:')
  for (const { file, seconds } of slowest) console.log(`  ${seconds.toFixed(1)} s ${relative('.', file)}`)
}

/**
 * Runs each test file in a process of its own, those first that took longest the last time, so that no long one is left
 * over at the end. Prints a line for each, and `N passed, N failed[, N skipped]` last. False when a test failed, when a
 * test that exists did not run, when none ran, and when something was skipped that `test/support/skips.ts` does not declare.
 */
export const runFiles = async (files: readonly string[]): Promise<boolean> => {
  const timings = readTimings()
  const queue = files.toSorted((a, b) => (timings.get(b) ?? Infinity) - (timings.get(a) ?? Infinity))
  const runs: FileRun[] = []
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const run = await runFile(file)
      print(run)
      runs.push(run)
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  writeTimings(runs)
  printSlowest(runs)
  const sum = (key: 'passed' | 'failed' | 'skipped'): number => runs.reduce((n, { result }) => n + result[key], 0)
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
  if (passed === 0) console.log('no test ran')
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return failed === 0 && passed > 0
}
