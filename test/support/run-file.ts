/**
 * Runs the suites of one test file and sends the result to the parent process. uvu alone passes a file whose hook throws,
 * whose test throws something other than an Error, whose suite lacks `.run()`, or in which an `.only` hides other tests:
 * here each of these fails the file.
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { skipsOf } from './skips.ts'

export interface FileResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly problems: readonly string[]
}

type SuiteRun = () => Promise<[errors: string | boolean, passed: number, skipped: number, total: number]>

const globals = globalThis as typeof globalThis & { UVU_DEFER?: number; UVU_INDEX?: number; UVU_QUEUE?: unknown[][] }

const runFile = async (file: string): Promise<FileResult> => {
  const source = readFileSync(file, 'utf8')
  const problems: string[] = []
  let passed = 0
  let total = 0
  if (/\.only\(/.test(source)) problems.push('a stray .only hides other tests')
  const suites = source.match(/= suite(<[^>]*>)?\(/g)?.length ?? 0
  const runs = source.match(/\.run\(\)/g)?.length ?? 0
  if (suites > runs) problems.push(`${suites} suites but ${runs} .run()`)
  globals.UVU_DEFER = 1
  globals.UVU_INDEX = 0
  globals.UVU_QUEUE = [[]]
  try {
    await import(pathToFileURL(file).href)
    for (const run of globals.UVU_QUEUE[0] as SuiteRun[]) {
      const [errors, ran, skipped, max] = await run()
      passed += ran
      total += max
      if (typeof errors === 'string') problems.push(errors)
      if (skipped > 0) problems.push(`${skipped} tests skipped without a declared reason`)
    }
  } catch (error) {
    problems.push(String(error instanceof Error ? error.stack : error))
  }
  const skipped = skipsOf(file)
  if (total === 0 && skipped === 0) problems.push('no test ran')
  if (passed < total && problems.length === 0) problems.push('a hook threw, or a test threw something that is no Error')
  return { passed, failed: Math.max(total - passed, problems.length > 0 ? 1 : 0), skipped, problems }
}

const [file] = process.argv.slice(2)
if (file !== undefined && process.send !== undefined) {
  process.on('unhandledRejection', (reason) => {
    throw reason
  })
  // The runner was ended: its files end too, and by their exit the servers that they started.
  process.once('disconnect', () => process.exit(1))
  // The listener would keep this process alive, and with it a test whose promise nothing can settle any more.
  process.channel?.unref()
  const result = await runFile(file)
  process.send(result, () => process.exit(0))
}
