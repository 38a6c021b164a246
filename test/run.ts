import { globSync, watch } from 'node:fs'
import { join, normalize, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readImportGraph } from './support/import-graph.ts'
import { runFiles } from './support/run-files.ts'

const usage = `npm test -- [NAME…]            Runs the test files whose path (test/…/NAME.test.ts) contains one of the names, or all.
npm run test:watch -- [NAME…]  Then, on each change of a source, runs those of them again that need it.`

const root = resolve(import.meta.dirname, '..')

/** `test/checks/run.test.ts` names another folder, to run files that must fail. */
const folder = resolve(process.env['LEDGERDESK_TESTS'] ?? import.meta.dirname)

/** Whether a file's path, as it is printed, contains the name. */
const isNamed =
  (name: string) =>
  (file: string): boolean =>
    join('test', file).includes(normalize(name))

/** The files that the names select; all where there are none. A name that selects nothing fails the run. */
const testFiles = (names: readonly string[]): readonly string[] => {
  const all = globSync('**/*.test.ts', { cwd: folder, exclude: (path) => path.endsWith('node_modules') }).toSorted()
  const unknown = names.filter((name) => !all.some(isNamed(name)))
  if (unknown.length > 0) {
    for (const name of unknown) console.error(`no path of a test file contains "${name}"`)
    process.exit(1)
  }
  return all
    .filter((file) => names.length === 0 || names.some((name) => isNamed(name)(file)))
    .map((file) => join(folder, file))
}

/** Watches the sources from now on. What it returns resolves to the files that changed since it was last called. */
const watchSources = (): (() => Promise<ReadonlySet<string>>) => {
  let changed = new Set<string>()
  let wake = (): void => undefined
  for (const name of ['domain', 'projections', 'adapters', 'app', 'test', 'examples']) {
    watch(join(root, name), { recursive: true }, (_event, file) => {
      if (file === null || file.includes('node_modules') || file.startsWith('web/dist')) return
      changed.add(join(root, name, file))
      wake()
    })
  }
  return async () => {
    if (changed.size === 0) await new Promise<void>((resolve) => (wake = resolve))
    // Saving or checking out changes several files.
    await delay(100)
    const taken = changed
    changed = new Set()
    return taken
  }
}

/** A server that a test starts serves the pages, which Vite builds from all of `adapters/web`. */
const pages = join(root, 'adapters/web')
const asNeeded = (file: string): string => (file.startsWith(pages) ? join(pages, 'build.ts') : file)

const affectedBy = (changed: ReadonlySet<string>, files: readonly string[]): readonly string[] => {
  const graph = readImportGraph()
  const needed = [...changed].map(asNeeded)
  return files.filter((file) => needed.some((each) => graph.neededBy(file).has(each)))
}

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { watch: { type: 'boolean' }, help: { type: 'boolean' } },
})
if (values.help === true) console.log(usage)
else if (values.watch !== true) process.exit((await runFiles(testFiles(names))) ? 0 : 1)
else {
  const nextChanges = watchSources()
  if (names.length > 0) await runFiles(testFiles(names))
  for (;;) {
    console.log('waiting for a change')
    const files = affectedBy(await nextChanges(), testFiles(names))
    if (files.length > 0) await runFiles(files)
  }
}
